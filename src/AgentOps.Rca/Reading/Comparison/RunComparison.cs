namespace AgentOps.Rca.Reading;

/// <summary>Which two runs are held against each other.</summary>
public sealed record CompareQuery
{
    /// <summary>One run: the id of an incident, or of the span of a run. In sentences it is the left one.</summary>
    public required string Left { get; init; }

    /// <summary>The other run, in the same form; the right one.</summary>
    public required string Right { get; init; }

    /// <summary>Whether secrets and personal data are masked in what is shown.</summary>
    public bool Mask { get; init; } = true;
}

/// <summary>What became of the wish for a comparison: exactly one of the records below.</summary>
public abstract record CompareOutcome
{
    private CompareOutcome()
    {
    }

    /// <summary>Both were found.</summary>
    /// <param name="Comparison">What differs.</param>
    public sealed record Found(RunComparison Comparison) : CompareOutcome;

    /// <summary>One of the two was not found.</summary>
    /// <param name="IsLeft">Whether it is the left one.</param>
    /// <param name="Reason">What is missing, in a sentence.</param>
    public sealed record RunNotFound(bool IsLeft, string Reason) : CompareOutcome;
}

/// <summary>Two runs, step beside step: those of the same kind and name in the same order are one pair.</summary>
public sealed record RunComparison
{
    /// <summary>The left run.</summary>
    public required ComparedRun Left { get; init; }

    /// <summary>The right run.</summary>
    public required ComparedRun Right { get; init; }

    /// <summary>Where they first part, or null when they do not.</summary>
    public FirstDivergence? FirstDivergence { get; init; }

    /// <summary>The steps, beside each other where they fit, in the order of both runs; at most 2,000.</summary>
    public required IReadOnlyList<ComparedStep> Steps { get; init; }

    /// <summary>How many pairs are the same in what they were given, gave back, and how they ended.</summary>
    public int Same { get; init; }

    /// <summary>How many pairs differ.</summary>
    public int Different { get; init; }

    /// <summary>How many steps only the left run has.</summary>
    public int OnlyLeft { get; init; }

    /// <summary>How many steps only the right run has.</summary>
    public int OnlyRight { get; init; }

    /// <summary>Whether one of the runs has more steps than the 1,000 that are compared.</summary>
    public bool Cut { get; init; }
}

/// <summary>One of two runs.</summary>
/// <param name="Id">What it was asked for by.</param>
/// <param name="IncidentId">The incident, or null.</param>
/// <param name="RootSpanId">The first span of the run, or null when it has none.</param>
/// <param name="From">When it started, UTC, or null.</param>
/// <param name="DurationMs">How long it took, in milliseconds, or null.</param>
/// <param name="Steps">How many steps it has, those among them that no span records.</param>
/// <param name="Failed">How many of them failed.</param>
/// <param name="InputTokens">Tokens in of its model calls; null when none says it.</param>
/// <param name="OutputTokens">Tokens out of its model calls; null when none says it.</param>
/// <param name="CostUsd">What its model calls cost, in US dollars; null when one of those that say their tokens does not say its cost.</param>
/// <param name="Answer">What it said in the end, or null.</param>
public sealed record ComparedRun(
    string Id, Guid? IncidentId, string? RootSpanId, DateTimeOffset? From, double? DurationMs, int Steps, int Failed, long? InputTokens, long? OutputTokens, double? CostUsd,
    TextPreview? Answer);

/// <summary>Where two runs first part.</summary>
/// <param name="Row">The place in <see cref="RunComparison.Steps"/>, from 0.</param>
/// <param name="What"><c>only_left</c>, <c>only_right</c>, <c>inputs</c>, <c>outputs</c> or <c>status</c>.</param>
/// <param name="LeftId">The left step, or null.</param>
/// <param name="RightId">The right step, or null.</param>
/// <param name="Text">What differs, in a sentence.</param>
public sealed record FirstDivergence(int Row, string What, string? LeftId, string? RightId, string Text);

/// <summary>A step of both runs, or of one.</summary>
public sealed record ComparedStep
{
    /// <summary><c>model</c>, <c>tool</c>, <c>run</c> or <c>guardrail</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What was called, as spans name it.</summary>
    public required string Tool { get; init; }

    /// <summary>The left step, or null.</summary>
    public ComparedSide? Left { get; init; }

    /// <summary>The right step, or null.</summary>
    public ComparedSide? Right { get; init; }

    /// <summary>Whether both were given the same; null when one side is missing or was not recorded.</summary>
    public bool? SameInputs { get; init; }

    /// <summary>Whether both gave back the same; null when one side is missing or was not recorded.</summary>
    public bool? SameOutputs { get; init; }

    /// <summary>Whether both ended in the same status; null when one side is missing.</summary>
    public bool? SameStatus { get; init; }

    /// <summary>The first difference of what they were given, or null.</summary>
    public ValueDifference? Inputs { get; init; }

    /// <summary>The first difference of what they gave back, or null.</summary>
    public ValueDifference? Outputs { get; init; }
}

/// <summary>A step of one run.</summary>
/// <param name="Id">Its id in the list of steps.</param>
/// <param name="Status"><c>ok</c>, <c>failed</c>, <c>tripped</c>, or null.</param>
/// <param name="StartMs">When it started, in milliseconds after the start of its run; null when that is not known.</param>
/// <param name="DurationMs">How long it took, or null.</param>
/// <param name="InputTokens">Tokens in, or null.</param>
/// <param name="OutputTokens">Tokens out, or null.</param>
/// <param name="CostUsd">The cost in US dollars, or null.</param>
/// <param name="Failure">The error's own words, masked and cut, or null.</param>
public sealed record ComparedSide(
    string Id, string? Status, double? StartMs, double? DurationMs, long? InputTokens, long? OutputTokens, double? CostUsd, string? Failure);

/// <summary>The first place where two values differ.</summary>
/// <param name="Pointer">A JSON pointer into both; empty for the whole value.</param>
/// <param name="Left">The left one, shortened and masked; null when there is none.</param>
/// <param name="Right">The right one, shortened and masked; null when there is none.</param>
public sealed record ValueDifference(string Pointer, string? Left, string? Right);

/// <summary>A good run of the same agent, to compare with.</summary>
/// <param name="SpanId">The span of the run.</param>
/// <param name="Tool">The agent, as spans name it.</param>
/// <param name="From">When it started, UTC.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="SpanCount">How many spans it has.</param>
/// <param name="DistanceSeconds">How long before the run of the incident it started; negative when after it.</param>
public sealed record GoodRun(string SpanId, string Tool, DateTimeOffset From, double DurationMs, int SpanCount, double DistanceSeconds);

/// <summary>What became of the wish for good runs: exactly one of the records below.</summary>
public abstract record GoodRunsOutcome
{
    private GoodRunsOutcome()
    {
    }

    /// <summary>The runs.</summary>
    /// <param name="Runs">Those that were found, the nearest in time first; empty when the incident has no run of an agent, or none was found.</param>
    public sealed record Found(IReadOnlyList<GoodRun> Runs) : GoodRunsOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : GoodRunsOutcome;
}
