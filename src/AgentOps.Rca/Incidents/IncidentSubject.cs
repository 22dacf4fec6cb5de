using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Incidents;

/// <summary>
/// Tells an order from another subject. Both are one column, so that old tables and clients keep working; who gave the neutral name has it among the
/// details, too, where members that are not known have always been kept.
/// </summary>
internal static class IncidentSubject
{
    public const string Member = "subject";

    /// <summary>The details with the subject among them, as it was given; those that have one stay.</summary>
    public static JsonElement Mark(JsonElement details, string? subject)
    {
        if (subject is null || details.ValueKind != JsonValueKind.Object || details.TryGetProperty(Member, out _))
        {
            return details;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var member in details.EnumerateObject())
            {
                member.WriteTo(json);
            }

            json.WriteString(Member, subject);
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = JsonRules.MaxRecordDepth });
    }

    public static bool IsOrder(Incident incident) =>
        incident.Details.ValueKind != JsonValueKind.Object
        || !incident.Details.TryGetProperty(Member, out var subject)
        || (subject.ValueKind switch
        {
            JsonValueKind.String => subject.GetString(),
            JsonValueKind.Number => subject.GetRawText(),
            _ => null,
        }) != incident.OrderId;
}
