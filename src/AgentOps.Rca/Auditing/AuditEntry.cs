using AgentOps.Rca.Identity;

namespace AgentOps.Rca.Auditing;

/// <summary>Who did what, to what, from where, when, and how it ended.</summary>
public sealed record AuditEntry
{
    /// <summary>The outcome of what was done.</summary>
    public const string Done = "done";

    /// <summary>The outcome of what was not allowed.</summary>
    public const string Refused = "refused";

    /// <summary>What was done: one of <see cref="AuditActions"/>.</summary>
    public required string Action { get; init; }

    /// <summary>Who did it; null when nobody is known or named.</summary>
    public Actor? Actor { get; init; }

    /// <summary>What it was done to, such as <c>incident/…</c>, <c>artifact/…</c> or <c>bundle/…</c>; null when nothing in particular.</summary>
    public string? Object { get; init; }

    /// <summary>The incident that it belongs to, or null.</summary>
    public Guid? IncidentId { get; init; }

    /// <summary>How it ended: <see cref="Done"/> or <see cref="Refused"/>.</summary>
    public string Outcome { get; init; } = Done;

    /// <summary>The network address that it came from, or null.</summary>
    public string? Source { get; init; }

    /// <summary>More about it, in a sentence, or null.</summary>
    public string? Detail { get; init; }
}

/// <summary>An entry as it is recorded.</summary>
/// <param name="Id">The span that records it.</param>
/// <param name="At">When it was done, UTC.</param>
/// <param name="Entry">What was done.</param>
/// <param name="Intact">Whether the record is as it was written; false when somebody has changed it in the store.</param>
public sealed record AuditRecord(string Id, DateTimeOffset At, AuditEntry Entry, bool Intact);

/// <summary>Which entries to list, oldest first.</summary>
public sealed record AuditQuery
{
    /// <summary>Only those of this action.</summary>
    public string? Action { get; init; }

    /// <summary>Only those of this actor, by name or by the name of the key.</summary>
    public string? Actor { get; init; }

    /// <summary>Only those of this incident.</summary>
    public Guid? IncidentId { get; init; }

    /// <summary>Only those of this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only those after this place: the last record of the page before.</summary>
    public Spans.SpanCursor? After { get; init; }
}
