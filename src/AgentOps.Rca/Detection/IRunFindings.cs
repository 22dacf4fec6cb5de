namespace AgentOps.Rca.Detection;

/// <summary>
/// What the steps of a run prove wrong, contents included: rules look at spans alone. Asked about runs that break no rule, since a run can end
/// well and be wrong.
/// </summary>
internal interface IRunFindings
{
    /// <summary>What is proven wrong with the run; empty when nothing is. A hint is no finding.</summary>
    /// <param name="run">A run that has ended.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    ValueTask<IReadOnlyList<IncidentFinding>> FindAsync(EndedRun run, CancellationToken cancellationToken);
}
