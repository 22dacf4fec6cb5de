using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Incidents;

/// <summary>An incident that somebody wants to open.</summary>
public sealed record NewIncident
{
    internal const int LongestText = 512;
    internal const int LongestStatus = 64;

    /// <summary>Its id, made by the caller; null for one of the library. Opening it again under the same id is safe.</summary>
    public Guid? Id { get; init; }

    /// <summary>
    /// A text of 1 to 255 printable ASCII characters that stands for this incident: opening it again with the same key is safe. Without effect
    /// beside an <see cref="Id"/>.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// The business key of the run that failed, such as an order number: 1 to 512 characters, not all of them blank; null when it is not known.
    /// </summary>
    public string? OrderId { get; init; }

    /// <summary>
    /// The same under a neutral name, where it is no order: a ticket, a request. It counts without an <see cref="OrderId"/>, and is kept under the
    /// details, too, so that nobody takes it for an order.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>A short class name of the symptom, such as <c>late_delivery</c>: 1 to 512 characters, not all of them blank.</summary>
    public required string ProblemType { get; init; }

    /// <summary>How late the outcome is, in hours; negative is early, null is unknown.</summary>
    public double? EtaDeltaHours { get; init; }

    /// <summary>
    /// <c>open</c>, which null means, or any word of the user's own workflow of at most 64 characters. An incident is approved or rejected by a
    /// decision, not when it is opened.
    /// </summary>
    public string? Status { get; init; }

    /// <summary>When it happened; null means now.</summary>
    public DateTimeOffset? CreatedTs { get; init; }

    /// <summary>A JSON object with everything else.</summary>
    public JsonElement Details { get; init; } = JsonRules.EmptyObject;
}
