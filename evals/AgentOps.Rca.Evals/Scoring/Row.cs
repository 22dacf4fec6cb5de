namespace AgentOps.Rca.Evals.Scoring;

/// <summary>One line of the results. A null fault type stands for all of them; a null figure was not measured.</summary>
internal sealed record Row
{
    public required string Dataset { get; init; }

    public required string System { get; init; }

    public string? FaultType { get; init; }

    public required string Method { get; init; }

    public required int N { get; init; }

    public double? As1 { get; init; }

    public double? As1Low { get; init; }

    public double? As1High { get; init; }

    public double? As3 { get; init; }

    public double? As3Low { get; init; }

    public double? As3High { get; init; }

    public double? As5 { get; init; }

    public double? As5Low { get; init; }

    public double? As5High { get; init; }

    /// <summary>Who and when: the share of runs whose decisive step was named.</summary>
    public double? Step { get; init; }

    public double? StepLow { get; init; }

    public double? StepHigh { get; init; }

    /// <summary>Runs of agents: the share whose named step is at most one message away from the true one.</summary>
    public double? Within1 { get; init; }

    /// <summary>The same for at most three messages.</summary>
    public double? Within3 { get; init; }

    public double? Inconclusive { get; init; }

    /// <summary>The share of cases in which anything was named, with a verdict or without.</summary>
    public double? Hints { get; init; }

    /// <summary>How many answers were wrong although they were given with a confidence of 0.8 or more.</summary>
    public int? ConfidentlyWrong { get; init; }

    public double? GroundedClaims { get; init; }

    /// <summary>The mean distance between confidence and outcome in ten equal bins (expected calibration error).</summary>
    public double? CalibrationError { get; init; }

    public double? SecondsMean { get; init; }

    public double? SecondsMax { get; init; }

    public double? PeakMemoryMib { get; init; }

    public int? FalseAlarms { get; init; }

    /// <summary>Claims: the share of verbatim ones, which <see cref="As1"/> includes.</summary>
    public double? Quoted { get; init; }

    /// <summary>Claims: the share that is shown as the model's reading.</summary>
    public double? Reading { get; init; }

    /// <summary>Claims: the share that is refused.</summary>
    public double? Refused { get; init; }
}
