using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>Rows as JSON, both ways. Tables that were there before may hold nulls that this library never writes.</summary>
internal static class ApiRows
{
    // Infinity and the years that .NET has not are read as the last and the first time that it has, to the microsecond.
    private static readonly DateTimeOffset LastTime = DateTimeOffset.MaxValue.AddTicks(-9);

    public static void Write(Utf8JsonWriter writer, Span span)
    {
        writer.WriteStartObject();
        writer.WriteString("span_id", span.SpanId);
        writer.WriteString("parent_id", span.ParentId);
        writer.WriteString("tool", span.Tool);
        writer.WriteNumber("start_ts", span.StartTs);
        writer.WriteNumber("end_ts", span.EndTs);
        writer.WriteString("args_digest", span.ArgsDigest);
        writer.WriteString("result_digest", span.ResultDigest);
        writer.WritePropertyName("attributes");
        span.Attributes.WriteTo(writer);
        writer.WriteString("incident_id", span.IncidentId);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, Incident incident)
    {
        writer.WriteStartObject();
        writer.WriteString("id", incident.Id);
        writer.WriteString("order_id", incident.OrderId);
        writer.WriteString("problem_type", incident.ProblemType);
        if (incident.EtaDeltaHours is { } hours)
        {
            writer.WriteNumber("eta_delta_hours", hours);
        }
        else
        {
            writer.WriteNull("eta_delta_hours");
        }

        writer.WriteString("status", incident.Status);
        writer.WriteString("created_ts", incident.CreatedTs.UtcDateTime);
        writer.WritePropertyName("details");
        incident.Details.WriteTo(writer);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, Artifact artifact)
    {
        writer.WriteStartObject();
        writer.WriteString("digest", artifact.Digest.ToString());
        writer.WriteString("mime", artifact.Mime);
        writer.WriteNumber("length", artifact.Length);
        writer.WriteBoolean("pii_masked", artifact.PiiMasked);
        writer.WriteString("created_ts", artifact.CreatedTs.UtcDateTime);
        writer.WriteEndObject();
    }

    public static Span ReadSpan(JsonElement row) => new()
    {
        SpanId = Text(row, "span_id") ?? "",
        ParentId = Text(row, "parent_id"),
        Tool = Text(row, "tool") ?? "",
        StartTs = Number(row, "start_ts"),
        EndTs = Number(row, "end_ts"),
        ArgsDigest = Text(row, "args_digest"),
        ResultDigest = Text(row, "result_digest"),
        Attributes = Object(row, "attributes"),
        IncidentId = Text(row, "incident_id"),
    };

    public static Incident ReadIncident(JsonElement row) => new()
    {
        Id = row.GetProperty("id").GetGuid(),
        OrderId = Text(row, "order_id") ?? "",
        ProblemType = Text(row, "problem_type") ?? "",
        EtaDeltaHours = row.GetProperty("eta_delta_hours") is { ValueKind: JsonValueKind.Number } hours && hours.GetDouble() is var number && double.IsFinite(number) ? number : null,
        Status = Text(row, "status") ?? IncidentStatus.Open,
        CreatedTs = Time(row, "created_ts"),
        Details = Object(row, "details"),
    };

    public static Artifact ReadArtifact(JsonElement row) => new()
    {
        Digest = ArtifactDigest.Parse(row.GetProperty("digest").GetString()!),
        Mime = Text(row, "mime") ?? "application/octet-stream",
        Length = Number(row, "length"),
        PiiMasked = row.GetProperty("pii_masked").ValueKind == JsonValueKind.True,
        CreatedTs = Time(row, "created_ts"),
    };

    public static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();

    public static long Number(JsonElement row, string name) =>
        row.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : 0;

    // A column without a time zone, as some older tables have, holds UTC.
    public static DateTimeOffset Time(JsonElement row, string name) =>
        Text(row, name) is not { } text ? DateTimeOffset.UnixEpoch
        : DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time
        : text.StartsWith('-') || text.EndsWith("BC", StringComparison.Ordinal) ? DateTimeOffset.MinValue : LastTime;

    private static JsonElement Object(JsonElement row, string name) =>
        row.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? StoredObject.Read(value) : JsonRules.EmptyObject;
}
