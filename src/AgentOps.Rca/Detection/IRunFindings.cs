namespace AgentOps.Rca.Detection;

/// <summary>
/// What is proven of a run from what it recorded, contents included: rules look at spans alone. It is asked about runs that break no rule, since
/// a run can end well and be wrong.
/// </summary>
internal interface IRunFindings
{
    /// <summary>What is proven wrong with the run; empty when nothing is. A hint is no finding.</summary>
    /// <param name="run">A run that has ended.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    ValueTask<IReadOnlyList<IncidentFinding>> FindAsync(EndedRun run, CancellationToken cancellationToken);
}
