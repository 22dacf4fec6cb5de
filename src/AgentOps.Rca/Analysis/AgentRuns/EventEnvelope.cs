using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// What a tool was given and gave back where frameworks write it as a message on the tool's span: in an event of the span, or in the messages of the
/// conventions (Strands does both). Each is a JSON pointer into the value, or null when it is no such envelope.
/// </summary>
internal static class EventEnvelope
{
    /// <summary>To what the tool gave back.</summary>
    public static string? Result(JsonElement value) =>
        value.TryGetProperty("gen_ai.tool.call.result", out _) ? "/gen_ai.tool.call.result"
        : Only(value, "messages") is { ValueKind: JsonValueKind.Object } said && said.TextOf("event") is "gen_ai.choice" or "gen_ai.tool.message" && said.TryGetProperty("message", out _) ? "/messages/0/message"
        : null;

    /// <summary>To what the tool was given.</summary>
    public static string? Arguments(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? PartOf(value, "tool_call", "arguments")
        : value.ValueKind != JsonValueKind.Object ? null
        : value.TryGetProperty("gen_ai.tool.call.arguments", out _) ? "/gen_ai.tool.call.arguments"
        : Only(value, "messages") is { ValueKind: JsonValueKind.Object } asked && asked.TextOf("event") is "gen_ai.tool.message" && asked.TryGetProperty("content", out _) ? "/messages/0/content"
        : null;

    /// <summary>To the only block of a list of Amazon Bedrock's (<c>[{"text":…}]</c>, <c>[{"json":…}]</c>), or to the answer in a tool's only message.</summary>
    public static string? Block(JsonElement list)
    {
        if (list.GetArrayLength() != 1 || list[0].ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (list[0].GetPropertyCount() == 1 && ((list[0].TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String) || list[0].TryGetProperty("json", out text)))
        {
            return text.ValueKind == JsonValueKind.String ? "/0/text" : "/0/json";
        }

        return PartOf(list, "tool_call_response", "response") ?? PartOf(list, "tool_call_response", "result");
    }

    // [{"role":"tool","parts":[{"type":"tool_call","arguments":…}]}]
    private static string? PartOf(JsonElement list, string type, string member) =>
        list.GetArrayLength() == 1 && list[0].ValueKind == JsonValueKind.Object && list[0].TryGetProperty("role", out _) && Only(list[0], "parts") is { ValueKind: JsonValueKind.Object } part
            && part.TextOf("type") == type && part.TryGetProperty(member, out _) ? $"/0/parts/0/{member}" : null;

    private static JsonElement? Only(JsonElement value, string list) =>
        value.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array && items.GetArrayLength() == 1 ? items[0] : null;
}
