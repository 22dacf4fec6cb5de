using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>
/// Exports incidents as signed bundles. The spans are read once, so that the bundle, its replay and its report speak of one state, also
/// while new spans arrive.
/// </summary>
internal sealed class BundleExporter : IBundleExporter
{
    private readonly IIncidentStore _incidents;
    private readonly ISpanStore _spans;
    private readonly ArtifactVault _vault;
    private readonly IReadOnlyList<IRcaEngine> _engines;
    private readonly ISigningKeyProvider _keys;

    /// <summary>Makes an exporter over these stores.</summary>
    /// <param name="incidents">The incidents.</param>
    /// <param name="spans">The spans.</param>
    /// <param name="artifacts">The artifacts.</param>
    /// <param name="engines">The engines, for the replay.</param>
    /// <param name="keys">The key that signs.</param>
    public BundleExporter(
        IIncidentStore incidents,
        ISpanStore spans,
        ArtifactVault artifacts,
        IEnumerable<IRcaEngine> engines,
        ISigningKeyProvider keys)
    {
        _incidents = incidents;
        _spans = spans;
        _vault = artifacts;
        _engines = [.. engines];
        _keys = keys;
    }

    /// <summary>Gathers, replays and signs an incident.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="options">What goes in; null for everything.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The bundle, ready to be written, or null when there is no such incident.</returns>
    public async ValueTask<BundleExport?> PrepareAsync(
        Guid incidentId, BundleOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (await _incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return null;
        }

        var draft = new BundleDraft(incident, options ?? new BundleOptions(), _vault);
        try
        {
            await draft.AddEvidenceAsync(_spans, cancellationToken).ConfigureAwait(false);
            await draft.AddReplayAsync(_engines, cancellationToken).ConfigureAwait(false);
            await draft.AddAuditAsync(_spans, cancellationToken).ConfigureAwait(false);
            var state = await ApprovalReader.ReadAsync(_spans, incidentId, new DecisionChecks(_spans, _keys), cancellationToken).ConfigureAwait(false);
            return await draft.SignAsync(
                await _keys.GetSigningKeyAsync(cancellationToken).ConfigureAwait(false),
                [.. state.Findings.Where(static finding => finding.IsFault).Select(static finding => finding.Message)],
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await draft.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
