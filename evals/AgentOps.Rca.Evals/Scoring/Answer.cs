using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Evals.Scoring;

/// <summary>What a method answered to a case: the rank of the truth (1 is first; null when it was not named), and how.</summary>
internal sealed record Answer(string System, string FaultType, int? Rank, bool? StepRight = null)
{
    /// <summary>Whether the answer is right; null when that is said by the rank alone.</summary>
    public bool? Right { get; init; }

    /// <summary>How many steps the named one is away from the true one; the largest number when none was named, null when steps are not scored so.</summary>
    public int? StepsOff { get; init; }

    public RcaReport? Report { get; init; }

    public double Seconds { get; init; }

    public double PeakMib { get; init; }

    public bool IsRight => Right ?? Rank == 1;
}
