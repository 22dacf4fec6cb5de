using System.Text.Json;
using System.Text.Json.Serialization;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.AspNetCore.Spans;

/// <summary>A span on the wire.</summary>
internal sealed record SpanResponse(
    string SpanId,
    string? ParentId,
    string Tool,
    long StartTs,
    long EndTs,
    string? ArgsDigest,
    string? ResultDigest,
    JsonElement Attributes,
    string? IncidentId)
{
    public static SpanResponse Of(Span span) => new(
        span.SpanId,
        span.ParentId,
        span.Tool,
        span.StartTs,
        span.EndTs,
        span.ArgsDigest,
        span.ResultDigest,
        span.Attributes,
        span.IncidentId);
}

/// <summary>
/// What became of a body of spans. The last members are only there when they say something: that more digests are unresolved than are
/// named, how many spans joined the open incident of the order they name, and how many name an order and belong to no incident.
/// </summary>
internal sealed record SpansWrittenResponse(
    string Status,
    long Accepted,
    long Duplicates,
    IReadOnlyList<string> UnresolvedDigests,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    bool UnresolvedDigestsCut,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    long Linked,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    long Unlinked,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    string? UnlinkedReason);
