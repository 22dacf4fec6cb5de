namespace AgentOps.Rca.Spans;

/// <summary>
/// A store that can show the evidence of an incident without making records of it: who draws a million spans keeps a few numbers of each.
/// </summary>
internal interface ISpanOutlines
{
    /// <summary>Shows every span of an incident once, in the order of <see cref="SpanQuery"/>; also those that are no evidence.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="show">Given each span; what it is given is gone when it returns.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask ReadOutlinesAsync(string incidentId, ShowSpan show, CancellationToken cancellationToken = default);
}

/// <summary>Looks at a span.</summary>
/// <param name="span">The span, in memory that is somebody else's.</param>
internal delegate void ShowSpan(in SpanOutline span);

/// <summary>A span as the bytes of its columns.</summary>
internal readonly ref struct SpanOutline
{
    /// <summary>Its id, in UTF-8.</summary>
    public required ReadOnlySpan<byte> SpanId { get; init; }

    /// <summary>The id of the span that made the call, in UTF-8.</summary>
    public ReadOnlySpan<byte> ParentId { get; init; }

    /// <summary>Whether it names a parent.</summary>
    public required bool HasParent { get; init; }

    /// <summary>Its tool, in UTF-8.</summary>
    public required ReadOnlySpan<byte> Tool { get; init; }

    /// <summary>When it started, as stored.</summary>
    public required long StartTs { get; init; }

    /// <summary>When it ended, as stored.</summary>
    public required long EndTs { get; init; }

    /// <summary>Its attributes: the JSON of an object, in UTF-8.</summary>
    public required ReadOnlySpan<byte> Attributes { get; init; }
}
