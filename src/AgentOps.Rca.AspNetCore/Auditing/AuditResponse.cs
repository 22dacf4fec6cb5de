using System.Text.Json.Serialization;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Auditing;

/// <summary>Who did what, on the wire.</summary>
internal sealed record AuditResponse(
    string Id, DateTimeOffset At, string Action, Actor? Actor, string? Object, Guid? IncidentId, string Outcome, string? Source, string? Detail, bool Intact)
{
    public static AuditResponse Of(AuditRecord record) => new(
        record.Id, record.At, record.Entry.Action, record.Entry.Actor, record.Entry.Object, record.Entry.IncidentId, record.Entry.Outcome, record.Entry.Source,
        record.Entry.Detail, record.Intact);
}

/// <summary>The JSON of this room's answers; no setting of the host changes it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimestampConverter)], MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(IReadOnlyList<AuditResponse>))]
internal sealed partial class AuditJsonContext : JsonSerializerContext;
