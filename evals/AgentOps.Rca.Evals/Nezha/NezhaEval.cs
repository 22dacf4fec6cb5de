using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>Scores an engine on injected faults: at which rank it names the service the fault was put into.</summary>
internal static class NezhaEval
{
    public const string Dataset = "nezha";
    private const int Draws = 20;

    /// <summary>The faults that are wanted and of which there are traces, each with its name and spans.</summary>
    public static IEnumerable<(NezhaFault Fault, string Name, List<Span> Incident)> Cases(EvalOptions options, NezhaData data)
    {
        foreach (var (index, fault) in data.Faults.Index())
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{fault.System}-{index}");
            if (!options.Wants(name, index))
            {
                continue;
            }

            var incident = data.Incident(fault);
            if (incident.Count == 0)
            {
                Console.Error.WriteLine($"{name} is left out: there are no traces of {fault.Day} {string.Join(", ", fault.Windows)}.");
                continue;
            }

            yield return (fault, name, incident);
        }
    }

    public static async Task<List<Row>> RunAsync(EvalOptions options)
    {
        var data = new NezhaData(Path.Combine(options.Data, Dataset));
        List<Answer> engine = [], growth = [], firstError = [], random = [];
        foreach (var (fault, name, incident) in Cases(options, data))
        {
            var normal = data.Normal(fault.System, fault.Day);
            engine.Add(await NezhaCase.AnswerAsync(options, fault, name, incident, normal));
            growth.Add(Reference(NezhaReferences.ByGrowth(incident, normal), fault));
            firstError.Add(Reference(NezhaReferences.ByFirstError(incident), fault));
            random.AddRange(Shuffled(incident, fault));
        }

        return
        [
            .. Scores.Of(Dataset, options.Engine.Name, engine),
            .. Scores.Of(Dataset, "largest growth of inclusive duration", growth),
            .. Scores.Of(Dataset, "first error", firstError),
            .. Scores.Of(Dataset, "random service (mean of 20 draws)", random).Select(row => row with
            {
                N = row.N / Draws, As1Low = null, As1High = null, As3Low = null, As3High = null, As5Low = null, As5High = null,
            }),
        ];
    }

    /// <summary>Fault-free minutes of one system against each other, and halves of one minute's runs: any cause named is a false alarm.</summary>
    public static async Task<List<Row>> RunNormalAsync(EvalOptions options)
    {
        var data = new NezhaData(Path.Combine(options.Data, Dataset));
        List<Row> rows = [];
        foreach (var system in data.Systems.Where(system => options.Wants(system)))
        {
            var minutes = data.NormalDays(system).Select(day => (Name: day, Spans: data.NormalOf(system, day))).ToList();
            var pairs = minutes.SelectMany(left => minutes.Where(right => right.Name != left.Name).Select(right => (left, right))).ToList();
            foreach (var (name, spans) in minutes)
            {
                var half = spans.ToLookup(span => (span.SpanId[0] & 1) == 0);
                pairs.Add(((name + " even", [.. half[true]]), (name + " odd", [.. half[false]])));
                pairs.Add(((name + " odd", [.. half[false]]), (name + " even", [.. half[true]])));
            }

            List<Measured> answers = [];
            foreach (var (left, right) in pairs)
            {
                var measured = await NezhaCase.RunAsync(options.Engine, left.Spans, right.Spans);
                answers.Add(measured);
                options.Log?.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{system} {left.Name} against {right.Name}: {measured.Report.Verdict} {measured.Report.Confidence:0.00}; {measured.Top?.Cause}"));
            }

            if (answers.Count > 0)
            {
                rows.Add(new Row
                {
                    Dataset = "normal",
                    System = system,
                    Method = options.Engine.Name,
                    N = pairs.Count,
                    FalseAlarms = answers.Count(answer => answer.Report.Verdict == RcaVerdict.Identified),
                    SecondsMean = Math.Round(answers.Average(answer => answer.Seconds), 3),
                    SecondsMax = Math.Round(answers.Max(answer => answer.Seconds), 3),
                    PeakMemoryMib = Math.Round(answers.Max(answer => answer.PeakMib), 1),
                });
            }
        }

        return rows;
    }

    private static Answer Reference(List<string> services, NezhaFault fault) => new(fault.System, fault.FaultType, NezhaCase.Rank(services, fault));

    private static IEnumerable<Answer> Shuffled(List<Span> incident, NezhaFault fault)
    {
        var services = incident.Select(span => NezhaReferences.ServiceOf(span.Tool)).Distinct().Order(StringComparer.Ordinal).ToArray();
        var random = new Random(7);
        for (var draw = 0; draw < Draws; draw++)
        {
            random.Shuffle(services);
            yield return Reference([.. services], fault);
        }
    }
}
