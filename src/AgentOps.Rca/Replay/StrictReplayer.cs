using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>
/// The replayer that guesses nothing: what is missing makes the replay incomplete, what is not byte for byte the same makes it diverge.
/// </summary>
internal sealed class StrictReplayer : IReplayer
{
    private readonly IIncidentStore _incidents;
    private readonly ISpanStore _spans;
    private readonly ArtifactVault _vault;
    private readonly CaseLoader _loader;
    private readonly RcaReports _reports;
    private readonly RcaEngines _engines;
    private readonly DecisionChecks? _decisions;
    private readonly WorkingMemory _memory;

    /// <summary>Makes a replayer over these stores and engines.</summary>
    /// <param name="incidents">The incidents.</param>
    /// <param name="spans">The spans.</param>
    /// <param name="artifacts">The artifacts.</param>
    /// <param name="engines">The engines that made the reports.</param>
    /// <param name="keys">The keys that decisions are signed with; null checks none.</param>
    /// <param name="memory">Where the memory of large incidents comes from; null takes that of the process.</param>
    public StrictReplayer(
        IIncidentStore incidents,
        ISpanStore spans,
        ArtifactVault artifacts,
        IEnumerable<IRcaEngine> engines,
        ISigningKeyProvider? keys = null,
        WorkingMemory? memory = null)
    {
        ArgumentNullException.ThrowIfNull(incidents);
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(engines);
        _incidents = incidents;
        _spans = spans;
        _vault = artifacts;
        _loader = new CaseLoader(spans, artifacts);
        _reports = new RcaReports(spans, artifacts);
        _engines = new RcaEngines(engines);
        _decisions = keys is null ? null : new DecisionChecks(spans, keys);
        _memory = memory ?? WorkingMemory.Shared;
    }

    /// <inheritdoc/>
    public ValueTask<ReplayResult?> ReplayAsync(
        Guid incidentId, Func<ReplayOutput, CancellationToken, ValueTask>? onOutput = null, CancellationToken cancellationToken = default) =>
        ReplayAsync(incidentId, new VaultArtifactChecker(_vault), onOutput, cancellationToken);

    /// <summary>Replays with the knowledge of artifacts that were hashed already.</summary>
    internal async ValueTask<ReplayResult?> ReplayAsync(
        Guid incidentId,
        IArtifactChecker artifacts,
        Func<ReplayOutput, CancellationToken, ValueTask>? onOutput,
        CancellationToken cancellationToken)
    {
        if (await _incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return null;
        }

        using var memory = await _memory.TakeAsync(
            await _spans.CountAsync(incidentId.ToString("D"), cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        using var hash = new ReplayHash(incident);
        var findings = new ReplayFindings(hash);
        var first = await FirstCase.FindAsync(_spans, _loader, _vault, incident, cancellationToken).ConfigureAwait(false);
        var replay = new AnalysisReplay(_loader, _vault, _engines, findings);
        var (records, spanCount, artifactCount) = await WalkAsync(incident, first, replay, artifacts, hash, findings, onOutput, cancellationToken).ConfigureAwait(false);
        var analyses = await ReplayAnalysesAsync(incident, replay, records, hash, cancellationToken).ConfigureAwait(false);
        await CheckDecisionsAsync(incidentId, findings, cancellationToken).ConfigureAwait(false);
        return new ReplayResult
        {
            Incident = incident,
            Verdict = findings.Verdict,
            FirstDivergence = findings.FirstDivergence,
            Deviations = findings.Kept,
            DeviationCount = findings.Count,
            SpanCount = spanCount,
            ArtifactCount = artifactCount,
            Analyses = analyses,
            ReplayDigest = hash.Finish(findings.Verdict),
            Rca = await ReadLatestAsync(incidentId, cancellationToken).ConfigureAwait(false),
        };
    }

    // A method of its own, so that the walk's spans are let go before the other analyses begin.
    private async ValueTask<(IReadOnlyList<Span> Records, int SpanCount, int ArtifactCount)> WalkAsync(
        Incident incident,
        FirstCase? first,
        AnalysisReplay replay,
        IArtifactChecker artifacts,
        ReplayHash hash,
        ReplayFindings findings,
        Func<ReplayOutput, CancellationToken, ValueTask>? onOutput,
        CancellationToken cancellationToken)
    {
        var spans = await ReplayedSpans.ReadAsync(_spans, incident.Id, first?.Evidence.Taker, cancellationToken).ConfigureAwait(false);

        // What the engine makes is compared after the walk, and needs nothing of it.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var making = first is null ? Task.CompletedTask : Task.Run(() => replay.BeginAsync(first, incident, stopping.Token), CancellationToken.None);
        try
        {
            await artifacts.ExpectAsync(new NamedDigests(spans.Forest.Digests), cancellationToken).ConfigureAwait(false);
            await new ReplayWalk(spans, artifacts, hash, findings, onOutput).RunAsync(cancellationToken).ConfigureAwait(false);
            await making.ConfigureAwait(false);
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await making.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return (spans.Records, spans.Forest.Nodes.Count, spans.Forest.Digests.Count);
    }

    private static async ValueTask<IReadOnlyList<ReplayedAnalysis>> ReplayAnalysesAsync(
        Incident incident, AnalysisReplay replay, IReadOnlyList<Span> records, ReplayHash hash, CancellationToken cancellationToken)
    {
        List<ReplayedAnalysis> analyses = [];
        foreach (var analysis in InOrder(records.Where(span => span.Tool != ToolNames.AnalysisModelCall && span.ResultDigest is not null)))
        {
            var calls = InOrder(records.Where(span => span.Tool == ToolNames.AnalysisModelCall && span.ParentId == analysis.SpanId)).ToList();
            var replayed = await replay.RunAsync(analysis, calls, incident, cancellationToken).ConfigureAwait(false);
            hash.Append(replayed);
            analyses.Add(replayed);
        }

        return analyses;
    }

    private async ValueTask CheckDecisionsAsync(Guid incidentId, ReplayFindings findings, CancellationToken cancellationToken)
    {
        if (_decisions is null)
        {
            return;
        }

        var state = await ApprovalReader.ReadAsync(_spans, incidentId, _decisions, cancellationToken).ConfigureAwait(false);
        foreach (var finding in state.Findings.Where(static finding => finding.IsFault))
        {
            findings.Diverged(ReplayDeviationKind.DecisionChanged, finding.SpanId, finding.Message);
        }
    }

    private async ValueTask<RcaReport?> ReadLatestAsync(Guid incidentId, CancellationToken cancellationToken) =>
        (await _reports.ListSpansAsync(incidentId, cancellationToken).ConfigureAwait(false)) is [var latest, ..]
            ? await _reports.ReadAsync(latest, cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>Analyses, and calls of models, in the order in which they were begun.</summary>
    internal static IEnumerable<Span> InOrder(IEnumerable<Span> spans) => spans
        .OrderBy(span => EpochUnit.ToNanoseconds(span.StartTs))
        .ThenBy(span => span.SpanId, Json.Utf8Comparer.Instance);
}
