using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>Runs an engine on spans and what they are compared with, and ranks the services it names.</summary>
internal static class NezhaCase
{
    /// <summary>An analysis, the making of the baseline included in its time.</summary>
    public static Task<Measured> RunAsync(IRcaEngine engine, List<Span> incident, List<Span> normal) =>
        Measured.RunAsync(engine, () =>
        {
            var baseline = new BaselineBuilder();
            normal.ForEach(baseline.Add);
            var record = new Incident { Id = Guid.Empty, OrderId = "nezha", ProblemType = "fault", CreatedTs = DateTimeOffset.UnixEpoch };
            return RcaCase.Create(record, incident, baseline: baseline.Build("a minute without a fault"));
        });

    /// <summary>Analyses a fault and scores the answer.</summary>
    public static async Task<Answer> AnswerAsync(EvalOptions options, NezhaFault fault, string name, List<Span> incident, List<Span> normal)
    {
        var measured = await RunAsync(options.Engine, incident, normal);
        var services = measured.Report.Hypotheses.Where(claim => claim.Tool is not null)
            .Select(claim => NezhaReferences.ServiceOf(claim.Tool!)).Distinct().ToList();
        var rank = Rank(services, fault);
        options.Log?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name} {fault.InjectTime} {fault.FaultType} in {fault.Service}: rank {rank?.ToString(CultureInfo.InvariantCulture) ?? "none"}, {measured.Report.Verdict} {measured.Report.Confidence:0.00}, {measured.Seconds:0.00} s, {measured.PeakMib:0} MiB; {string.Join(" ", measured.Report.Hypotheses.Take(3).Select(claim => $"{claim.Rank}. ({claim.Score:0.00}) {claim.Cause}"))}"));
        return new Answer(fault.System, fault.FaultType, rank) { Report = measured.Report, Seconds = measured.Seconds, PeakMib = measured.PeakMib };
    }

    /// <summary>The place of the true service, from 1; null when it is not among them.</summary>
    public static int? Rank(List<string> services, NezhaFault fault) => services.IndexOf(fault.Service) is >= 0 and var place ? place + 1 : null;
}
