namespace AgentOps.Rca.Reading;

/// <summary>Which piece of a run is drawn, and how wide.</summary>
public sealed record TimelineQuery
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>Where the piece begins; null is the start of the run.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Where the piece ends; null is the end of the run.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How many pixels wide it is drawn, from 1 to 4,000.</summary>
    public int Px { get; init; } = 1_000;

    /// <summary>The first row of the tree of calls to give, from 0, among those that lie in the piece.</summary>
    public int Row { get; init; }

    /// <summary>A call: the rows are those around it. One that does not lie in the piece changes nothing. Excludes <see cref="Row"/>.</summary>
    public string? At { get; init; }

    /// <summary>At most so many rows, from 0 to 1,000.</summary>
    public int Rows { get; init; } = 200;
}

/// <summary>What became of the wish for a timeline: exactly one of the records below.</summary>
public abstract record TimelineOutcome
{
    private TimelineOutcome()
    {
    }

    /// <summary>It is there.</summary>
    /// <param name="Timeline">The timeline.</param>
    public sealed record Found(RunTimeline Timeline) : TimelineOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : TimelineOutcome;

    /// <summary>The incident has no such span as the one that rows are wanted around.</summary>
    /// <param name="SpanId">The id asked for.</param>
    public sealed record SpanNotFound(string SpanId) : TimelineOutcome;
}

/// <summary>
/// A piece of a run as it is drawn: a summary for each lane and pixel in which a failure stays visible however short it is, and the calls
/// of the piece as rows of a tree. Milliseconds count from <see cref="Origin"/>. Log records are told with their call.
/// </summary>
public sealed record RunTimeline
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>The first start of the run, UTC; null when there is no call.</summary>
    public DateTimeOffset? Origin { get; init; }

    /// <summary>How long the run took, in milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>Where the piece begins, in milliseconds.</summary>
    public double FromMs { get; init; }

    /// <summary>Where the piece ends, in milliseconds.</summary>
    public double ToMs { get; init; }

    /// <summary>How many pixels wide it is drawn.</summary>
    public required int Px { get; init; }

    /// <summary>How many calls the run has.</summary>
    public int SpanCount { get; init; }

    /// <summary>How many of them failed.</summary>
    public int FailedCount { get; init; }

    /// <summary>How many calls lie in the piece, at least in part.</summary>
    public int SpansInRange { get; init; }

    /// <summary>How many of them failed.</summary>
    public int FailedInRange { get; init; }

    /// <summary>The lanes with calls in the piece, in the order in which they first began; at most 64.</summary>
    public IReadOnlyList<TimelineLane> Lanes { get; init; } = [];

    /// <summary>How many lanes with calls in the piece are left out; those with failures come first.</summary>
    public int LanesLeftOut { get; init; }

    /// <summary>The longest times in the piece in which no call ran that makes no other call, in the order of time; at most 20, each at least 1 % of it.</summary>
    public IReadOnlyList<TimelineGap> Gaps { get; init; } = [];

    /// <summary>The share of the piece in which no such call ran, from 0 to 1.</summary>
    public double IdleShare { get; init; }

    /// <summary>The failures.</summary>
    public required TimelineFailures Failures { get; init; }

    /// <summary>How many calls of the run have no end: the record gives 0.</summary>
    public int WithoutEnd { get; init; }

    /// <summary>How many calls of the run end before they start.</summary>
    public int EndBeforeStart { get; init; }

    /// <summary>How many calls of the run name a parent that is not among them.</summary>
    public int UnknownParents { get; init; }

    /// <summary>By how much clocks were moved so that no call begins before the one that made it; null when they agree.</summary>
    public TimelineClock? Clock { get; init; }

    /// <summary>Which row of the tree comes first in <see cref="Rows"/>; there are <see cref="SpansInRange"/> in all.</summary>
    public int Row { get; init; }

    /// <summary>Which row is that of the call that was asked for; null when none was, or it does not lie in the piece.</summary>
    public int? AtRow { get; init; }

    /// <summary>The calls of the piece as a tree is read: each call before those that it made.</summary>
    public IReadOnlyList<TimelineRow> Rows { get; init; } = [];
}

/// <summary>The calls of one agent in one service.</summary>
/// <param name="Agent">The agent, or null.</param>
/// <param name="Service">The service, or null.</param>
/// <param name="Spans">How many calls lie in the piece.</param>
/// <param name="Failed">How many of them failed.</param>
/// <param name="Segments">The lane from left to right, where there is something.</param>
public sealed record TimelineLane(string? Agent, string? Service, int Spans, int Failed, IReadOnlyList<TimelineSegment> Segments);

/// <summary>A stretch of a lane that looks the same from its first to its last pixel.</summary>
/// <param name="X">The first pixel.</param>
/// <param name="W">How many pixels.</param>
/// <param name="Spans">How many calls run there.</param>
/// <param name="Failed">How many of them failed.</param>
/// <param name="Tool">The tool of the longest call that begins there or runs on from the left.</param>
/// <param name="SpanId">That call; when one of them failed, the first that failed.</param>
public sealed record TimelineSegment(int X, int W, int Spans, int Failed, string Tool, string SpanId);

/// <summary>A time in which nothing ran.</summary>
/// <param name="FromMs">From when.</param>
/// <param name="ToMs">Until when.</param>
/// <param name="Share">Which share of the piece it is, from 0 to 1.</param>
public sealed record TimelineGap(double FromMs, double ToMs, double Share);

/// <summary>A call that failed.</summary>
/// <param name="SpanId">The call.</param>
/// <param name="Tool">Its tool.</param>
/// <param name="AtMs">When it started.</param>
public sealed record TimelineFailure(string SpanId, string Tool, double AtMs);

/// <summary>The failures of a run, seen from a piece of it.</summary>
/// <param name="First">The first of the run, or null.</param>
/// <param name="Last">The last of the run, or null.</param>
/// <param name="Previous">The last that began before the piece, or null.</param>
/// <param name="Next">The first that began after the piece, or null.</param>
/// <param name="InRange">Those that began in the piece, at most the first 200.</param>
/// <param name="LeftOut">How many more began in it.</param>
/// <param name="Before">How many began before the piece.</param>
public sealed record TimelineFailures(
    TimelineFailure? First, TimelineFailure? Last, TimelineFailure? Previous, TimelineFailure? Next, IReadOnlyList<TimelineFailure> InRange, int LeftOut, int Before);

/// <summary>By how much clocks were moved.</summary>
/// <param name="Spans">How many calls were moved.</param>
/// <param name="LargestMs">The most that one was moved by, in milliseconds.</param>
public sealed record TimelineClock(int Spans, double LargestMs);

/// <summary>A call.</summary>
public sealed record TimelineRow
{
    /// <summary>The call.</summary>
    public required string SpanId { get; init; }

    /// <summary>The call that made it, or null.</summary>
    public string? ParentId { get; init; }

    /// <summary>Its tool.</summary>
    public required string Tool { get; init; }

    /// <summary>How many calls lie above it.</summary>
    public required int Depth { get; init; }

    /// <summary>The agent whose run it is part of, or null.</summary>
    public string? Agent { get; init; }

    /// <summary>The service it ran in, or that of the call above it; or null.</summary>
    public string? Service { get; init; }

    /// <summary>When it started.</summary>
    public required double StartMs { get; init; }

    /// <summary>How long it took; null when it has no end or ends before it starts.</summary>
    public double? DurationMs { get; init; }

    /// <summary>Whether it failed.</summary>
    public bool Failed { get; init; }

    /// <summary>Whether it has no end.</summary>
    public bool NoEnd { get; init; }

    /// <summary>By how much its clock was moved; 0 when it was not.</summary>
    public double MovedMs { get; init; }
}
