namespace AgentOps.Rca.Replay;

/// <summary>What the replay of an agent's code proves.</summary>
public sealed record AgentReplayResult
{
    /// <summary>
    /// <see cref="ReplayVerdict.Reproduced"/>: the code made every recorded call, with the same arguments, and no other; its runs came to
    /// the same results. <see cref="ReplayVerdict.Incomplete"/>: nothing was recorded, or it cannot be read.
    /// </summary>
    public required ReplayVerdict Verdict { get; init; }

    /// <summary>The first finding that makes it diverge; null when nothing does.</summary>
    public ReplayDeviation? FirstDivergence { get; init; }

    /// <summary>The findings: the first one that stopped the replay, then the calls that were recorded and not made.</summary>
    public IReadOnlyList<ReplayDeviation> Deviations { get; init; } = [];

    /// <summary>How many calls and runs the recording has.</summary>
    public required int RecordedCalls { get; init; }

    /// <summary>How many of them the code made again.</summary>
    public required int ReplayedCalls { get; init; }
}
