using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tests.Replay;

/// <summary>The simplest engine there is: the first call that failed is the cause.</summary>
internal sealed class FirstFailureEngine(string version = "1", string cause = "failed first") : IRcaEngine
{
    public const string EngineName = "first-failure";

    public string Name => EngineName;

    public string Version => version;

    public async ValueTask<RcaReport> AnalyzeAsync(
        RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var failed = rcaCase.Spans.Nodes.FirstOrDefault(node => node.Failure is not null);
        var bytes = failed?.ResultDigest is { } digest ? await rcaCase.ReadArtifact(digest, 1_000, cancellationToken) : null;
        return new RcaReport
        {
            IncidentId = rcaCase.Incident.Id,
            Verdict = failed is null ? RcaVerdict.Inconclusive : RcaVerdict.Identified,
            Confidence = failed is null ? 0 : 0.75,
            Summary = failed is null ? "Nothing failed." : $"{failed.Tool} {cause}; its result has {bytes?.Length ?? 0} bytes.",
            Hypotheses = failed is null ? [] :
            [
                new RcaHypothesis { Rank = 1, Cause = cause, Category = "failure", Score = 1, Evidence = ["E1"], Grounded = true },
            ],
            Evidence = failed is null ? [] :
            [
                new RcaEvidence { Id = "E1", Kind = "failure", SpanId = failed.SpanId, Pointer = "/attributes/status", Text = "It failed.", Checked = true },
            ],
            Engine = Name,
            EngineVersion = Version,
            AnalysisTimestamp = rcaCase.AnalyzedAt,
        };
    }
}
