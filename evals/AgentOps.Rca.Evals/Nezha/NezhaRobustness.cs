using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>
/// The same faults with their logs as OTLP brings them, and with less to go by, each way on its own: how much of the figures hangs on this very data. Choices are made by the
/// digest of ids, so that they are the same in every run.
/// </summary>
internal static class NezhaRobustness
{
    public static async Task<List<Row>> RunAsync(EvalOptions options)
    {
        var data = new NezhaData(Path.Combine(options.Data, NezhaEval.Dataset));
        var answers = new SortedDictionary<string, List<Answer>>(StringComparer.Ordinal);
        foreach (var (fault, name, incident) in NezhaEval.Cases(options, data))
        {
            var asRecords = ("logs as OTLP records", await NezhaLogs.SendAsync(incident), await NezhaLogs.SendAsync(data.Normal(fault.System, fault.Day)));
            foreach (var (way, spans, normal) in Ways(data, fault, incident).Prepend(asRecords))
            {
                if (spans.Count > 0)
                {
                    var answer = await NezhaCase.AnswerAsync(options, fault, $"{name} ({way})", spans, normal);
                    (answers.TryGetValue(way, out var known) ? known : answers[way] = []).Add(answer);
                }
            }
        }

        return [.. answers.SelectMany(way => Scores.Of("nezha, less to go by", $"{options.Engine.Name}, {way.Key}", way.Value).Where(row => row.FaultType is null))];
    }

    private static IEnumerable<(string Way, List<Span> Incident, List<Span> Normal)> Ways(NezhaData data, NezhaFault fault, List<Span> incident)
    {
        var normal = data.Normal(fault.System, fault.Day);
        yield return ("no logs", [.. incident.Select(WithoutEvents)], [.. normal.Select(WithoutEvents)]);
        yield return ("no logs in the window", [.. incident.Select(WithoutEvents)], normal);
        foreach (var draw in Enumerable.Range(0, 3))
        {
            yield return ("70 % of the traces", [.. incident.Where(span => Share(TraceOf(span), draw) < 0.7)], normal);
        }

        yield return ("a third of the traces", [.. incident.Where(span => Share(TraceOf(span), 5) < 0.33)], normal);
        yield return ("a tenth of the spans lost", [.. incident.Where(span => Share(span.SpanId, 6) < 0.9)], normal);
        yield return ("half of the reference", incident, [.. normal.Where(span => Share(TraceOf(span), 7) < 0.5)]);
        foreach (var minute in data.Minutes(fault))
        {
            yield return ("each minute alone", minute, normal);
        }

        foreach (var day in data.NormalDays(fault.System).Where(day => day != fault.Day && data.NormalDays(fault.System).Contains(fault.Day)))
        {
            yield return ("another day's reference", incident, data.NormalOf(fault.System, day));
        }
    }

    private static string TraceOf(Span span) => span.SpanId.Split(':', 2)[0];

    /// <summary>A number from 0 to 1 that depends on an id and a draw alone.</summary>
    private static double Share(string id, int draw) =>
        Convert.ToInt32(ArtifactDigest.Of(System.Text.Encoding.UTF8.GetBytes($"{draw}/{id}")).ToString()[..6], 16) / (double)0x1000000;

    /// <summary>The span without its logs.</summary>
    public static Span WithoutEvents(Span span)
    {
        if (!span.Attributes.TryGetProperty("events", out _))
        {
            return span;
        }

        var kept = span.Attributes.EnumerateObject().Where(member => member.Name != "events")
            .Select(member => $"{JsonSerializer.Serialize(member.Name, EvalsJsonContext.Default.String)}:{member.Value.GetRawText()}");
        return span with { Attributes = JsonElement.Parse($"{{{string.Join(',', kept)}}}") };
    }
}
