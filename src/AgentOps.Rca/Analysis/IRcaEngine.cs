namespace AgentOps.Rca.Analysis;

/// <summary>
/// Finds the root cause of a case. An engine reads only the case it is given: for the same case it makes the same report, byte for byte.
/// Register one of your own and <c>auto</c> takes it; its name also becomes a value of <c>engine</c>.
/// </summary>
public interface IRcaEngine
{
    /// <summary>A short name in lowercase, such as <c>trace</c>; analyses are recorded as <c>rca.analyze/&lt;name&gt;</c>.</summary>
    string Name { get; }

    /// <summary>The version of its method; it changes whenever the same case may give another report.</summary>
    string Version { get; }

    /// <summary>Whether it can work now: null, or a sentence that says what it lacks (such as a key).</summary>
    string? Unavailable => null;

    /// <summary>Analyses a case.</summary>
    /// <param name="rcaCase">What happened, and how to read more of it.</param>
    /// <param name="progress">Told about each step, or null.</param>
    /// <param name="cancellationToken">Stops the analysis, and a model call under way.</param>
    ValueTask<RcaReport> AnalyzeAsync(
        RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default);
}
