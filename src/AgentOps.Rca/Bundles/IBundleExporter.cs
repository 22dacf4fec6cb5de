namespace AgentOps.Rca.Bundles;

/// <summary>Exports incidents as signed bundles.</summary>
public interface IBundleExporter
{
    /// <summary>Gathers, replays and signs an incident.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="options">What goes in; null for everything.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The bundle, ready to be written, or null when there is no such incident.</returns>
    ValueTask<BundleExport?> PrepareAsync(Guid incidentId, BundleOptions? options = null, CancellationToken cancellationToken = default);
}
