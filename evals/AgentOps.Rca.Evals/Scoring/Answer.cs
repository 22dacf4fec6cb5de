using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Evals.Scoring;

/// <summary>What a method answered to a case: the rank of the truth (1 is first; null when it was not named), and how.</summary>
internal sealed record Answer(string System, string FaultType, int? Rank, bool? StepRight = null)
{
    public RcaReport? Report { get; init; }

    public double Seconds { get; init; }

    public double PeakMib { get; init; }
}
