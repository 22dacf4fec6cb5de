using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>Scores an engine on injected faults: at which rank it names the service the fault was put into.</summary>
internal static class NezhaEval
{
    private const string Dataset = "nezha";

    public static async Task<List<Row>> RunAsync(EvalOptions options)
    {
        var data = new NezhaData(Path.Combine(options.Data, Dataset));
        List<Answer> engine = [], growth = [], firstError = [], random = [];
        var index = 0;
        foreach (var fault in data.Faults)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{fault.System}-{index++}");
            if (!options.Wants(name))
            {
                continue;
            }

            var incident = data.Incident(fault);
            var normal = data.Normal(fault.System, fault.Day);
            var measured = await Measured.RunAsync(options.Engine, CaseOf(incident, normal));
            var services = measured.Report.Hypotheses.Where(claim => claim.Tool is not null)
                .Select(claim => NezhaReferences.ServiceOf(claim.Tool!)).Distinct().ToList();
            var rank = Rank(services, fault);
            engine.Add(new Answer(fault.System, fault.FaultType, rank)
            {
                Report = measured.Report,
                Seconds = measured.Seconds,
                PeakMib = measured.PeakMib,
            });
            growth.Add(new Answer(fault.System, fault.FaultType, Rank(NezhaReferences.ByGrowth(incident, normal), fault)));
            firstError.Add(new Answer(fault.System, fault.FaultType, Rank(NezhaReferences.ByFirstError(incident), fault)));
            random.AddRange(Shuffled(incident, fault));
            options.Log?.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name} {fault.Day} {fault.InjectTime[11..]} {fault.FaultType} in {fault.Service}: rank {rank?.ToString(CultureInfo.InvariantCulture) ?? "none"}, {measured.Report.Verdict} {measured.Report.Confidence:0.00}, {measured.Seconds:0.00} s; {measured.Top?.Cause}"));
        }

        return
        [
            .. Scores.Of(Dataset, options.Engine.Name, engine),
            .. Scores.Of(Dataset, "largest growth of inclusive duration", growth),
            .. Scores.Of(Dataset, "first error", firstError),
            .. Scores.Of(Dataset, "random service (mean of 20 draws)", random),
        ];
    }

    /// <summary>Fault-free minutes of one system against each other, and halves of one minute's runs: any cause named is a false alarm.</summary>
    public static async Task<List<Row>> RunNormalAsync(EvalOptions options)
    {
        var data = new NezhaData(Path.Combine(options.Data, Dataset));
        List<Row> rows = [];
        foreach (var system in data.Systems)
        {
            var minutes = data.NormalDays(system).Select(day => (Name: day, Spans: data.Normal(system, day))).ToList();
            var pairs = minutes.SelectMany(left => minutes.Where(right => right.Name != left.Name).Select(right => (left, right))).ToList();
            foreach (var (name, spans) in minutes)
            {
                var half = spans.ToLookup(span => (span.SpanId[0] & 1) == 0);
                pairs.Add(((name + " even", [.. half[true]]), (name + " odd", [.. half[false]])));
                pairs.Add(((name + " odd", [.. half[false]]), (name + " even", [.. half[true]])));
            }

            var alarms = 0;
            foreach (var (left, right) in pairs)
            {
                var measured = await Measured.RunAsync(options.Engine, CaseOf(left.Spans, right.Spans));
                var report = measured.Report;
                alarms += report.Verdict == RcaVerdict.Identified ? 1 : 0;
                options.Log?.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{system} {left.Name} against {right.Name}: {report.Verdict} {report.Confidence:0.00}; {measured.Top?.Cause}"));
            }

            rows.Add(new Row { Dataset = "normal", System = system, Method = options.Engine.Name, N = pairs.Count, FalseAlarms = alarms });
        }

        return rows;
    }

    private static RcaCase CaseOf(List<Span> incident, List<Span> normal)
    {
        var baseline = new BaselineBuilder();
        normal.ForEach(baseline.Add);
        var record = new Incident { Id = Guid.Empty, OrderId = Dataset, ProblemType = "fault", CreatedTs = DateTimeOffset.UnixEpoch };
        return RcaCase.Create(record, incident, baseline: baseline.Build("a minute without a fault"));
    }

    private static int? Rank(List<string> services, NezhaFault fault)
    {
        var place = services.IndexOf(fault.Service);
        return place < 0 ? null : place + 1;
    }

    private static IEnumerable<Answer> Shuffled(List<Span> incident, NezhaFault fault)
    {
        var services = incident.Select(span => NezhaReferences.ServiceOf(span.Tool)).Distinct().Order(StringComparer.Ordinal).ToArray();
        var random = new Random(7);
        for (var draw = 0; draw < 20; draw++)
        {
            random.Shuffle(services);
            yield return new Answer(fault.System, fault.FaultType, Rank([.. services], fault));
        }
    }
}
