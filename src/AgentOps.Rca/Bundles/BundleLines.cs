using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>The lines of <c>spans.jsonl</c> and <c>artifacts.jsonl</c>: canonical JSON.</summary>
internal static class BundleLines
{
    // What was found to be canonical is as deep as it may be.
    private static readonly JsonDocumentOptions StoredJson = new() { MaxDepth = 1_001 };

    public static void Write(Artifact row, IBufferWriter<byte> destination)
    {
        Encoding.UTF8.GetBytes($"{{\"created_ts\":\"{UtcTimestampConverter.Format(row.CreatedTs)}\",\"digest\":\"{row.Digest}\",\"length\":", destination);
        Encoding.UTF8.GetBytes(row.Length.ToString(CultureInfo.InvariantCulture), destination);
        destination.Write(",\"mime\":"u8);
        CanonicalJson.WriteText(row.Mime, destination);
        destination.Write(row.PiiMasked ? ",\"pii_masked\":true}"u8 : ",\"pii_masked\":false}"u8);
    }

    /// <summary>Reads a row; null when the line is not exactly what <see cref="Write"/> makes of it.</summary>
    public static Artifact? ReadRow(ReadOnlyMemory<byte> line)
    {
        if (Parse(line) is not { ValueKind: JsonValueKind.Object } value
            || !ArtifactDigest.TryParse(value.TextOf("digest"), out var digest)
            || value.TextOf("mime") is not { } mime
            || !value.TryGetProperty("length", out var length) || length.ValueKind != JsonValueKind.Number || !length.TryGetInt64(out var bytes)
            || !value.TryGetProperty("created_ts", out var created) || !UtcTimestampConverter.TryRead(created, out var createdTs)
            || !value.TryGetProperty("pii_masked", out var masked) || masked.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return null;
        }

        var row = new Artifact
        {
            Digest = digest,
            Mime = mime,
            Length = bytes,
            CreatedTs = createdTs,
            PiiMasked = masked.GetBoolean(),
        };
        return IsWritten(line, buffer => Write(row, buffer)) ? row : null;
    }

    /// <summary>Reads a span; null when the line is not its canonical form.</summary>
    public static Span? ReadSpan(ReadOnlyMemory<byte> line) =>
        Parse(line, IsTimestamp) is { } value && MakeSpan(value) is { } span && IsWritten(line, buffer => SpanJson.WriteCanonical(span, buffer)) ? span : null;

    /// <summary>Reads a span out of a line that is known to be its canonical form.</summary>
    public static Span? ReadCanonicalSpan(ReadOnlyMemory<byte> line) => MakeSpan(JsonElement.Parse(line.Span, StoredJson));

    private static Span? MakeSpan(JsonElement value)
    {
        if (value.TextOf("span_id") is not { } spanId
            || value.TextOf("tool") is not { } tool
            || !TryNumber(value, "start_ts", out var start)
            || !TryNumber(value, "end_ts", out var end)
            || !value.TryGetProperty("attributes", out var attributes) || attributes.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return new Span
        {
            SpanId = spanId,
            Tool = tool,
            StartTs = start,
            EndTs = end,
            ParentId = value.TextOf("parent_id"),
            ArgsDigest = value.TextOf("args_digest"),
            ResultDigest = value.TextOf("result_digest"),
            IncidentId = value.TextOf("incident_id"),
            KeptAttributes = RecordJson.OfOwn(attributes),
        };
    }

    // Timestamps are whole numbers of 64 bits: those in nanoseconds have more digits than a double holds.
    private static bool IsTimestamp(string name) => name is "start_ts" or "end_ts";

    private static JsonElement? Parse(ReadOnlyMemory<byte> line, Func<string, bool>? isInteger = null) =>
        JsonRules.TryParseRecord(line.Span, out var value) && value.ValueKind == JsonValueKind.Object
        && value.EnumerateObject().All(member => isInteger?.Invoke(member.Name) == true || JsonRules.FindProblem(member.Value) is null) ? value : null;

    private static bool IsWritten(ReadOnlyMemory<byte> line, Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>(line.Length + 16);
        write(buffer);
        return buffer.WrittenSpan.SequenceEqual(line.Span);
    }

    private static bool TryNumber(JsonElement value, string name, out long number)
    {
        number = 0;
        return value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out number);
    }
}
