namespace AgentOps.Rca.Replay;

/// <summary>
/// Thrown at the call where an agent leaves its recording, and at every call after it: what it would be answered would be a guess.
/// </summary>
/// <param name="deviation">What was found.</param>
public sealed class ReplayDivergenceException(ReplayDeviation deviation) : Exception(deviation.Message)
{
    /// <summary>What was found.</summary>
    public ReplayDeviation Deviation { get; } = deviation;
}
