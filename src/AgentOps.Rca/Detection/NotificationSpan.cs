using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>
/// The span that records that an incident was seen through: analysed, and those who asked were told or given up on. An incident that a
/// rule opened and that has no such span is taken up again.
/// </summary>
internal static class NotificationSpan
{
    public static Span Create(Guid incidentId, WebhookDelivery delivery, DateTimeOffset from, DateTimeOffset to) => new()
    {
        SpanId = SpanIds.OfNotification(incidentId),
        Tool = ToolNames.Notification,
        StartTs = EpochUnit.Microseconds(from),
        EndTs = EpochUnit.Microseconds(to),
        IncidentId = incidentId.ToString("D"),
        Attributes = Attributes(delivery),
    };

    /// <summary>Which incident a span records as told, or null: one that merely looks like it came from elsewhere.</summary>
    public static Guid? Read(Span span) =>
        span.Tool == ToolNames.Notification && Guid.TryParseExact(span.IncidentId, "D", out var incidentId)
        && span.SpanId == SpanIds.OfNotification(incidentId)
            ? incidentId : null;

    private static JsonElement Attributes(WebhookDelivery delivery)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("webhook", delivery.Outcome switch
            {
                WebhookOutcome.Delivered => "delivered",
                WebhookOutcome.Refused => "refused",
                WebhookOutcome.Failed => "given_up",
                _ => "none",
            });
            if (delivery.Status is { } status)
            {
                json.WriteNumber("http.response.status_code", status);
            }

            if (delivery.Problem is { } problem)
            {
                json.WriteString("error", problem);
            }

            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
