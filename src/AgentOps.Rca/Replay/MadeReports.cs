using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Replay;

/// <summary>
/// The last report that each engine made in a replay. An analysis that was asked for again, of the same case, has the same report but for its
/// time; the evidence was held against its digests before.
/// </summary>
internal sealed class MadeReports
{
    private readonly Dictionary<(string Engine, string Version), (ArtifactDigest Case, RcaReport Report)> _last = [];

    /// <summary>The report of an analysis when that of its case was made before, else null.</summary>
    public RcaReport? Find(IRcaEngine engine, CaseManifest manifest) =>
        IsTimeless(engine) && _last.TryGetValue((engine.Name, engine.Version), out var made) && made.Case == CaseOf(manifest)
            ? made.Report with { AnalysisTimestamp = manifest.AnalyzedAt }
            : null;

    /// <summary>Keeps a report as it is stored.</summary>
    public void Keep(IRcaEngine engine, CaseManifest manifest, RcaReport report)
    {
        if (IsTimeless(engine))
        {
            _last[(engine.Name, engine.Version)] = (CaseOf(manifest), report);
        }
    }

    private static bool IsTimeless(IRcaEngine engine) => engine is ITimelessEngine { IsTimeless: true };

    // Who asked, and when, is no part of the case.
    private static ArtifactDigest CaseOf(CaseManifest manifest) =>
        ArtifactDigest.Of(RcaJson.ToUtf8(manifest with { AnalyzedAt = default, RequestedBy = null, Requester = null }));
}
