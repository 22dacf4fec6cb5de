using System.Buffers.Text;
using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>
/// Reads a span out of a line that is known to be its canonical form (<see cref="SpanJson"/>), without parsing it: names stand in their
/// order, and no text holds a quotation mark that is not escaped, so that each name is found where it must be.
/// </summary>
internal static class CanonicalSpanLine
{
    /// <summary>The span as a row.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="room">Room for texts without their escapes, as long as the line.</param>
    /// <param name="withAttributes">False leaves the attributes empty.</param>
    /// <exception cref="InvalidDataException">The line is something else.</exception>
    public static SpanRow Read(ReadOnlySpan<byte> line, Span<byte> room, bool withAttributes)
    {
        if (!line.StartsWith("{\"args_digest\":"u8) || !line.EndsWith("}"u8))
        {
            throw NoSpan();
        }

        // From the end, since what stands in the attributes may have any name.
        var rest = line["{\"args_digest\":"u8.Length..^1];
        var tool = CutText(ref rest, ",\"tool\":"u8, ref room, out _);
        var start = CutNumber(ref rest, ",\"start_ts\":"u8);
        var spanId = CutText(ref rest, ",\"span_id\":"u8, ref room, out _);
        var result = CutText(ref rest, ",\"result_digest\":"u8, ref room, out var hasResult);
        var parent = CutText(ref rest, ",\"parent_id\":"u8, ref room, out var hasParent);
        Cut(ref rest, ",\"incident_id\":"u8);
        var end = CutNumber(ref rest, ",\"end_ts\":"u8);
        var args = rest.IndexOf(",\"attributes\":"u8) is >= 0 and var at ? rest[..at] : throw NoSpan();
        return new SpanRow
        {
            SpanId = spanId,
            HasParent = hasParent,
            ParentId = parent,
            Tool = tool,
            StartTs = start,
            EndTs = end,
            ArgsDigest = Text(args, ref room, out var hasArgs),
            HasArgs = hasArgs,
            HasResult = hasResult,
            ResultDigest = result,
            Attributes = withAttributes ? rest[(args.Length + ",\"attributes\":"u8.Length)..] : default,
        };
    }

    private static ReadOnlySpan<byte> Cut(scoped ref ReadOnlySpan<byte> rest, scoped ReadOnlySpan<byte> name)
    {
        var at = rest.LastIndexOf(name);
        if (at < 0)
        {
            throw NoSpan();
        }

        var value = rest[(at + name.Length)..];
        rest = rest[..at];
        return value;
    }

    private static long CutNumber(scoped ref ReadOnlySpan<byte> rest, scoped ReadOnlySpan<byte> name)
    {
        var value = Cut(ref rest, name);
        return Utf8Parser.TryParse(value, out long number, out var read) && read == value.Length ? number : throw NoSpan();
    }

    private static ReadOnlySpan<byte> CutText(scoped ref ReadOnlySpan<byte> rest, scoped ReadOnlySpan<byte> name, scoped ref Span<byte> room, out bool isThere) =>
        Text(Cut(ref rest, name), ref room, out isThere);

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> value, scoped ref Span<byte> room, out bool isThere)
    {
        isThere = !value.SequenceEqual("null"u8);
        if (!isThere)
        {
            return default;
        }

        if (value.Length < 2 || value[0] != '"' || value[^1] != '"')
        {
            throw NoSpan();
        }

        if (!value.Contains((byte)'\\'))
        {
            return value[1..^1];
        }

        var reader = new Utf8JsonReader(value);
        reader.Read();
        var text = room[..reader.CopyString(room)];
        room = room[text.Length..];
        return text;
    }

    private static InvalidDataException NoSpan() => new("A line of spans.jsonl is no span in canonical form.");
}
