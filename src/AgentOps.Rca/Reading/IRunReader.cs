namespace AgentOps.Rca.Reading;

/// <summary>
/// What people ask of the run behind an incident, ready to be shown. What follows from spans and content that do not change is remembered
/// within bounds; nothing is older than the stores.
/// </summary>
public interface IRunReader
{
    /// <summary>A page of the steps of the agents.</summary>
    /// <param name="query">Which steps.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<RunStepsOutcome> ReadStepsAsync(RunStepsQuery query, CancellationToken cancellationToken = default);

    /// <summary>One step whole.</summary>
    /// <param name="query">Which step.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<RunStepOutcome> ReadStepAsync(RunStepQuery query, CancellationToken cancellationToken = default);

    /// <summary>A piece of the run as it is drawn.</summary>
    /// <param name="query">Which piece, and how wide.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<TimelineOutcome> ReadTimelineAsync(TimelineQuery query, CancellationToken cancellationToken = default);

    /// <summary>Calls of the run by their names, agents, services and ids.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<RunSearchOutcome> SearchAsync(RunSearchQuery query, CancellationToken cancellationToken = default);

    /// <summary>One call of the run, whether it is a step of an agent or not.</summary>
    /// <param name="query">Which call.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<RunSpanOutcome> ReadSpanAsync(RunSpanQuery query, CancellationToken cancellationToken = default);

    /// <summary>Two runs held against each other.</summary>
    /// <param name="query">Which two.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<CompareOutcome> CompareAsync(CompareQuery query, CancellationToken cancellationToken = default);

    /// <summary>Good runs of the same agent, to compare the run of an incident with; the nearest in time first.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<GoodRunsOutcome> FindGoodRunsAsync(Guid incidentId, CancellationToken cancellationToken = default);
}
