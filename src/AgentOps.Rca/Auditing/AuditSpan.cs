using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Auditing;

/// <summary>
/// The span that records an entry. It stands beside the incidents, so that looking at one changes nothing of it; its id follows from what it says,
/// so that a changed one is known.
/// </summary>
internal static class AuditSpan
{
    private const string ActorMember = "actor";
    private const string Object = "object";
    private const string Incident = "incident";
    private const string Outcome = "outcome";
    private const string Source = "source";
    private const string Detail = "detail";
    private const string Number = "n";

    /// <summary>Makes the span.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="at">When, in microseconds.</param>
    /// <param name="number">Tells apart what happens in the same microsecond.</param>
    public static Span Create(AuditEntry entry, long at, long number)
    {
        var span = new Span
        {
            SpanId = "",
            Tool = entry.Action,
            StartTs = at,
            EndTs = at,
            IncidentId = SpanIds.AuditIncident,
            Attributes = Attributes(entry, number),
        };
        return span with { SpanId = SpanIds.OfAudit(SpanJson.Digest(span)) };
    }

    /// <summary>Reads an entry back; null when the span is none that this library writes.</summary>
    public static AuditRecord? Read(Span span)
    {
        if (span.IncidentId != SpanIds.AuditIncident || !ToolNames.IsAudit(span.Tool) || span.Tool == ToolNames.DecisionWitness || !SpanIds.IsReserved(span.SpanId))
        {
            return null;
        }

        return new AuditRecord(
            span.SpanId,
            EpochUnit.ToInstant(EpochUnit.ToNanoseconds(span.StartTs)),
            new AuditEntry
            {
                Action = span.Tool,
                Actor = span.Attributes.TryGetProperty(ActorMember, out var actor) ? ActorJson.Read(actor) : null,
                Object = span.Attributes.TextOf(Object),
                IncidentId = Guid.TryParseExact(span.Attributes.TextOf(Incident), "D", out var incident) ? incident : null,
                Outcome = span.Attributes.TextOf(Outcome) ?? "",
                Source = span.Attributes.TextOf(Source),
                Detail = span.Attributes.TextOf(Detail),
            },
            SpanIds.OfAudit(SpanJson.Digest(span with { SpanId = "" })) == span.SpanId);
    }

    private static JsonElement Attributes(AuditEntry entry, long number)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (entry.Actor is { } actor)
            {
                writer.WritePropertyName(ActorMember);
                ActorJson.Write(writer, actor);
            }

            Write(writer, Object, entry.Object);
            Write(writer, Incident, entry.IncidentId?.ToString("D"));
            Write(writer, Outcome, entry.Outcome);
            Write(writer, Source, entry.Source);
            Write(writer, Detail, entry.Detail);
            Write(writer, Number, number.ToString(CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, JsonRules.FindTextProblem(text) is null ? text : "(cannot be written)");
        }
    }
}
