namespace AgentOps.Rca.Analysis;

/// <summary>Runs analyses and records them.</summary>
public interface IRcaAnalyzer
{
    /// <summary>Analyses an incident and records the analysis.</summary>
    /// <param name="request">What to analyse, and how.</param>
    /// <param name="progress">Told about each step, or null.</param>
    /// <param name="cancellationToken">Stops the analysis; nothing but the case manifest may then be stored.</param>
    ValueTask<RcaOutcome> AnalyzeAsync(
        RcaRequest request, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Analyses an incident and tells each step as it comes; the last update holds the outcome. Who stops enumerating stops the analysis.
    /// </summary>
    /// <param name="request">What to analyse, and how.</param>
    /// <param name="cancellationToken">Stops the analysis; nothing but the case manifest may then be stored.</param>
    IAsyncEnumerable<RcaUpdate> StreamAsync(RcaRequest request, CancellationToken cancellationToken = default);
}
