using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace AgentOps.Rca.AspNetCore.Tests.Generated;

/// <summary>A value of an attribute, at and around the limits, in the three forms in which it can be sent.</summary>
/// <param name="Json">As plain JSON.</param>
/// <param name="OtlpJson">As an <c>AnyValue</c> in JSON; null when OTLP has no such value.</param>
/// <param name="OtlpProtobuf">As an <c>AnyValue</c> in protobuf; null when OTLP has no such value.</param>
internal sealed record GeneratedValue(string Json, string? OtlpJson, byte[]? OtlpProtobuf)
{
    private static readonly string[] Texts =
    [
        "", " ", "ok", "error", "ERROR", "429", "rate limit exceeded", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "🧯漢字", "\u202E", "a\r\nRegards,", "<script>",
        "{\"a\":1}", "[", "NaN", "null", "\u0001", "..", "sk-abcdefghijklmnopqrstuvwxyz012345", "chat", "execute_tool", "invoke_agent", "TOOL", "LLM", "AGENT", "2026-01-31T09:30:00Z", "tools/call",
        "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Book order 7 for 2.50 EUR.\"}]}]", "{\"order\":7,\"n\":1.0,\"status\":429.0,\"error\":\"rate limited\",\"failed\":2.0}",
        "[{\"role\":\"assistant\",\"content\":\"Booked.\",\"tool_calls\":[{\"id\":\"c1\",\"function\":{\"name\":\"book\",\"arguments\":\"{\\\"n\\\":1.0}\"}}],\"finish_reason\":\"length\"}]",
        "[{\"type\":\"function\",\"function\":{\"name\":\"book\",\"parameters\":{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":{\"type\":\"integer\",\"maximum\":1e0}}}}}]",
    ];

    // What JSON can write and a reader may stumble over. Some of it is refused at the door; what is taken must be safe.
    private static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "-0", "-0.0", "1.0", "1e0", "0.10000000000000001", "333333333.33333329", "1e308", "-1.7976931348623157e308", "5e-324", "1e309", "1e-400", "1e21", "123456789012345678901",
        "9007199254740992", "9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1152921504606846976", "1.152921504606846976e18", "1152921504606847e3",
        "1e-99999999999999999999", "0e99999999999", "429.0", "4.29e2", "1.69e9", "\"\\ud83d\"", "\"\\u0000\"", "[]", "{}", "[[]]", "{\"\":null}", "{\"a\":1,\"a\":1}",
    ];

    private static readonly string[] Names =
    [
        "status", "error", "error.type", "exception.message", "http.response.status_code", "otel.status_code", "events", "time", "name", "message", "severity", "links", "resource", "attribute.events",
        "service.name", "otel.kind", "otel.unread", "gen_ai.operation.name", "gen_ai.tool.name", "gen_ai.request.model", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "agentops.cost_usd",
        "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.definitions", "gen_ai.tool.call.id", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "gen_ai.response.finish_reasons",
        "input.value", "output.value", "openinference.span.kind", "llm.input_messages.0.message.content", "ai.toolCall.args", "ai.toolCall.result", "traceloop.entity.output", "mcp.method.name", "url.full",
        "agentops.budget.tokens", "timeout_ms", "deadline", "max_steps", "order_id", "ünï", "a b", "", "x",
    ];

    /// <summary>One of these.</summary>
    public static Gen<T> Pick<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(place => choices[place]);

    public static Gen<string> Name { get; } = Pick(Names);

    private static Gen<GeneratedValue> Leaf { get; } = Gen.Frequency(
        (4, Pick(Texts).Select(OfText)),
        (3, Gen.Long.Select(OfInteger)),
        (2, Gen.Double.Where(double.IsFinite).Select(OfDouble)),
        (1, Gen.Bool.Select(flag => new GeneratedValue(flag ? "true" : "false", $"{{\"boolValue\":{(flag ? "true" : "false")}}}", [16, flag ? (byte)1 : (byte)0]))),
        (3, Pick(Scalars).Select(json => new GeneratedValue(json, null, null))),
        (1, Gen.String[0, 20].Select(text => OfText(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))))));

    public static Gen<GeneratedValue> Any { get; } = Gen.Recursive<GeneratedValue>((depth, inner) => depth > 3 ? Leaf : Gen.Frequency(
        (6, Leaf),
        (1, inner.Array[0, 3].Select(ListOf)),
        (2, Gen.Select(Name, inner).Array[0, 4].Select(MapOf)),
        (1, Gen.Select(Gen.Int[55, 70], Leaf).Select(Nested))));

    /// <summary>Events, as analyses read them: with times that were never set, that no clock reaches, and that are none.</summary>
    public static Gen<GeneratedValue> Events { get; } =
        Gen.Select(Gen.OneOf(Pick(Texts).Select(OfText), Gen.Long.Select(OfInteger), Leaf), Pick(Texts).Select(OfText), Pick("ERROR", "INFO", "error").Select(OfText))
            .Select((time, message, severity) => MapOf([("name", message), ("time", time), ("message", message), ("severity", severity)])).Array[0, 4].Select(ListOf);

    /// <summary>An object of these members, each name once.</summary>
    public static GeneratedValue MapOf((string Name, GeneratedValue Value)[] members)
    {
        members = [.. members.DistinctBy(member => member.Name)];
        var json = $"{{{string.Join(',', members.Select(member => $"{Quote(member.Name)}:{member.Value.Json}"))}}}";
        var known = members.Where(member => member.Value.OtlpJson is not null).ToList();
        return new GeneratedValue(
            json,
            $"{{\"kvlistValue\":{{\"values\":[{string.Join(',', known.Select(member => $"{{\"key\":{Quote(member.Name)},\"value\":{member.Value.OtlpJson}}}"))}]}}}}",
            GeneratedBytes.Field(6, [.. known.SelectMany(member => GeneratedBytes.Field(1, Attribute(member.Name, member.Value)))]));
    }

    /// <summary>A <c>KeyValue</c>.</summary>
    public static byte[] Attribute(string name, GeneratedValue value) =>
        [.. GeneratedBytes.Field(1, Encoding.UTF8.GetBytes(name)), .. GeneratedBytes.Field(2, value.OtlpProtobuf!)];

    public static string Quote(string text) => JsonSerializer.Serialize(text, JsonSerializerOptions.Web);

    private static GeneratedValue OfText(string text) =>
        new(Quote(text), $"{{\"stringValue\":{Quote(text)}}}", GeneratedBytes.Field(1, Encoding.UTF8.GetBytes(text)));

    private static GeneratedValue OfInteger(long number)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        return new(text, $"{{\"intValue\":\"{text}\"}}", [24, .. GeneratedBytes.Varint((ulong)number)]);
    }

    private static GeneratedValue OfDouble(double number)
    {
        var text = number.ToString("E16", CultureInfo.InvariantCulture).Replace("E+", "E", StringComparison.Ordinal);
        return new(text, $"{{\"doubleValue\":{text}}}", [33, .. BitConverter.GetBytes(number)]);
    }

    private static GeneratedValue ListOf(GeneratedValue[] items)
    {
        var known = items.Where(item => item.OtlpJson is not null).ToList();
        return new(
            $"[{string.Join(',', items.Select(item => item.Json))}]",
            $"{{\"arrayValue\":{{\"values\":[{string.Join(',', known.Select(item => item.OtlpJson))}]}}}}",
            GeneratedBytes.Field(5, [.. known.SelectMany(item => GeneratedBytes.Field(1, item.OtlpProtobuf!))]));
    }

    private static GeneratedValue Nested(int depth, GeneratedValue leaf) =>
        new($"{string.Concat(Enumerable.Repeat("[", depth))}{leaf.Json}{new string(']', depth)}", null, null);
}

/// <summary>The wire format of protobuf, as far as it is needed.</summary>
internal static class GeneratedBytes
{
    public static byte[] Field(int number, byte[] content) => [.. Varint(((ulong)number << 3) | 2), .. Varint((ulong)content.Length), .. content];

    public static byte[] Varint(ulong value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
