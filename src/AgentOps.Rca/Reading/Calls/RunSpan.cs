using System.Text.Json;

namespace AgentOps.Rca.Reading;

/// <summary>Which call of a run is wanted.</summary>
public sealed record RunSpanQuery
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>The span that records the call.</summary>
    public required string SpanId { get; init; }

    /// <summary>How many characters of its arguments and its result to show, from 1 to 262,144.</summary>
    public int MostText { get; init; } = TextPreviews.Usual;

    /// <summary>Whether secrets and personal data are masked in what is shown of them.</summary>
    public bool Mask { get; init; } = true;
}

/// <summary>What became of the wish for a call: exactly one of the records below.</summary>
public abstract record RunSpanOutcome
{
    private RunSpanOutcome()
    {
    }

    /// <summary>It is there.</summary>
    /// <param name="Span">The call.</param>
    public sealed record Found(RunSpan Span) : RunSpanOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : RunSpanOutcome;

    /// <summary>The incident has no such span.</summary>
    /// <param name="SpanId">The id asked for.</param>
    public sealed record SpanNotFound(string SpanId) : RunSpanOutcome;
}

/// <summary>A call of a run, whether it is a step of an agent or not: what its span records.</summary>
public sealed record RunSpan
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>The call.</summary>
    public required string SpanId { get; init; }

    /// <summary>The call that made it as the record names it, whether that is there or not; or null.</summary>
    public string? ParentId { get; init; }

    /// <summary>Its name.</summary>
    public required string Tool { get; init; }

    /// <summary>The agent whose run it is part of, or null.</summary>
    public string? Agent { get; init; }

    /// <summary>The service it ran in, or that of the call above it; or null.</summary>
    public string? Service { get; init; }

    /// <summary>The step of an agent that it records or is part of; null when it is part of none.</summary>
    public string? StepId { get; init; }

    /// <summary>When it started, UTC, as recorded.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When it ended, UTC, as recorded; null when the record gives no end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How long it took, in milliseconds; null when it has no end or ends before it starts.</summary>
    public double? DurationMs { get; init; }

    /// <summary>By how much its clock is moved in the timeline; 0 when it is not.</summary>
    public double MovedMs { get; init; }

    /// <summary>How it failed, as its attributes say; or null.</summary>
    public RunSpanFailure? Failure { get; init; }

    /// <summary>What it was given, or null when that was not recorded or its bytes are not there.</summary>
    public TextPreview? Arguments { get; init; }

    /// <summary>What it gave back, or null.</summary>
    public TextPreview? Result { get; init; }

    /// <summary>The artifact with its arguments, or null.</summary>
    public StepContent? ArgumentsContent { get; init; }

    /// <summary>The artifact with its result, or null.</summary>
    public StepContent? ResultContent { get; init; }

    /// <summary>Its attributes as they are stored, events among them.</summary>
    public required JsonElement Attributes { get; init; }

    /// <summary>Its place on the page, from the page's root on.</summary>
    public string Page => PageAddresses.Span(IncidentId, SpanId);
}

/// <summary>How a call failed.</summary>
/// <param name="Type">The error's type or code, or null.</param>
/// <param name="Message">Its own words, masked and cut; or null.</param>
/// <param name="HttpStatus">The HTTP status, or null.</param>
public sealed record RunSpanFailure(string? Type, string? Message, int? HttpStatus);
