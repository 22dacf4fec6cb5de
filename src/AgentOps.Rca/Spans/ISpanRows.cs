namespace AgentOps.Rca.Spans;

/// <summary>
/// A store that can show the spans of an incident without making records of them: who looks at a million spans keeps little of each.
/// </summary>
internal interface ISpanRows
{
    /// <summary>Shows a page of the spans of an incident, in the order of <see cref="SpanQuery"/>; also those that are no evidence.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="after">Where the page begins; null begins at the first span.</param>
    /// <param name="most">How many spans it has at most.</param>
    /// <param name="show">Given each span; what it is given is gone when it returns.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The last span of the page, or null when there are no more.</returns>
    ValueTask<SpanCursor?> ReadPageAsync(
        string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken = default);

    /// <summary>The same without the attributes, which are then empty.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="after">Where the page begins; null begins at the first span.</param>
    /// <param name="most">How many spans it has at most.</param>
    /// <param name="show">Given each span; what it is given is gone when it returns.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The last span of the page, or null when there are no more.</returns>
    ValueTask<SpanCursor?> ReadBarePageAsync(
        string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken = default);
}

/// <summary>Looks at a span.</summary>
/// <param name="span">The span, in memory that is somebody else's.</param>
internal delegate void ShowSpan(in SpanRow span);
