using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Incidents;

/// <summary>
/// The canonical form of an incident (<see cref="CanonicalJson"/>): an object with <c>created_ts</c>, <c>details</c>,
/// <c>eta_delta_hours</c>, <c>id</c>, <c>order_id</c>, <c>problem_type</c> and <c>status</c>, null where unknown.
/// </summary>
internal static class IncidentJson
{
    /// <summary>The canonical form as UTF-8.</summary>
    /// <param name="incident">The incident.</param>
    public static byte[] ToUtf8(Incident incident) => ToUtf8(incident, withStatus: true);

    /// <summary>The SHA-256 of the canonical form without <c>status</c>, the only member that changes.</summary>
    /// <param name="incident">The incident.</param>
    public static ArtifactDigest StableDigest(Incident incident) => ArtifactDigest.Of(ToUtf8(incident, withStatus: false));

    /// <summary>Reads the canonical form.</summary>
    /// <param name="value">A JSON value.</param>
    /// <returns>The incident, or null when the value is none.</returns>
    public static Incident? Read(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String || !id.TryGetGuid(out var guid)
            || value.TextOf("order_id") is not { } orderId
            || value.TextOf("problem_type") is not { } problemType
            || value.TextOf("status") is not { } status
            || !value.TryGetProperty("created_ts", out var created) || !UtcTimestampConverter.TryRead(created, out var createdTs)
            || !value.TryGetProperty("details", out var details) || details.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("eta_delta_hours", out var eta) || eta.ValueKind is not (JsonValueKind.Number or JsonValueKind.Null))
        {
            return null;
        }

        return new Incident
        {
            Id = guid,
            OrderId = orderId,
            ProblemType = problemType,
            Status = status,
            EtaDeltaHours = eta.ValueKind == JsonValueKind.Number ? eta.GetDouble() : null,
            CreatedTs = createdTs,
            Details = details.Clone(),
        };
    }

    private static byte[] ToUtf8(Incident incident, bool withStatus)
    {
        ArgumentNullException.ThrowIfNull(incident);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("created_ts", UtcTimestampConverter.Format(incident.CreatedTs));
            writer.WritePropertyName("details");
            incident.Details.WriteTo(writer);
            if (incident.EtaDeltaHours is { } eta)
            {
                writer.WriteNumber("eta_delta_hours", eta);
            }
            else
            {
                writer.WriteNull("eta_delta_hours");
            }

            writer.WriteString("id", incident.Id.ToString("D"));
            writer.WriteString("order_id", incident.OrderId);
            writer.WriteString("problem_type", incident.ProblemType);
            if (withStatus)
            {
                writer.WriteString("status", incident.Status);
            }

            writer.WriteEndObject();
        }

        return CanonicalJson.ToUtf8(JsonElement.Parse(buffer.WrittenSpan, JsonRules.OwnDocumentOptions));
    }
}
