using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Takes values out of the envelopes of frameworks: LangChain's messages (<c>lc</c>, <c>kwargs.content</c>), results of MCP tools
/// (<c>content</c>, <c>structuredContent</c>, <c>isError</c>), typed values (<c>{"type":"json","value":…}</c>), <c>{"result":…}</c>, and JSON
/// inside a text. Ids of the envelope, such as <c>tool_call_id</c>, are left behind with it.
/// </summary>
internal static class Envelope
{
    private const int MostLayers = 8;

    // Members that hold all there is when beside them stand only labels.
    private static readonly string[] Wrapping = ["result", "output", "value", "response", "return_value", "returnValue", "toolResult"];

    private static readonly string[] Labels =
        ["type", "$type", "isError", "is_error", "tool_call_id", "toolCallId", "tool_use_id", "call_id", "callId", "mime_type", "annotations", "_meta"];

    // Labels of a call beside what it was given.
    private static readonly string[] CallLabels =
        ["name", "tool_name", "toolName", "type", "id", "call_id", "callId", "tool_call_id", "toolCallId", "index", "description", "tool", "server", "server_name", "method", "_meta", "tool_use_id", "caller"];

    // Labels of a message that answers a call; elsewhere they may be part of what is said.
    private static readonly string[] MessageLabels = ["status", "id", "name", "role", "additional_kwargs", "response_metadata", "artifact"];

    /// <summary>What a call gave back.</summary>
    public static Payload Result(JsonElement value, Place place)
    {
        var (inner, error) = (false, false);
        for (var layer = 0; layer < MostLayers; layer++)
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                if (!TryParse(value.GetString()!, out var parsed))
                {
                    break;
                }

                (value, inner) = (parsed, true);
            }
            else if (Open(value) is { } opened)
            {
                error |= opened.SaysError;
                place = inner ? place : place with { Pointer = (place.Pointer ?? "") + opened.Pointer };
                value = opened.Value;
            }
            else
            {
                error |= IsErrorFlag(value);
                break;
            }
        }

        return new Payload(value, place, inner, error);
    }

    /// <summary>What a call was given.</summary>
    public static Payload Arguments(JsonElement value, Place place)
    {
        var inner = false;
        for (var layer = 0; layer < MostLayers; layer++)
        {
            if (value.ValueKind == JsonValueKind.String && TryParse(value.GetString()!, out var parsed))
            {
                (value, inner) = (parsed, true);
                continue;
            }

            if (((MethodVersion.IsBefore(5) ? null : EventEnvelope.Arguments(value)) ?? ArgumentsWithin(value)) is not { } pointer)
            {
                break;
            }

            place = inner ? place : place with { Pointer = (place.Pointer ?? "") + pointer };
            value = JsonPointers.Find(value, pointer)!.Value;
        }

        return new Payload(value, place, inner);
    }

    /// <summary>The JSON object or array that a text is, or that Python writes so (<see cref="PythonLiteral"/>).</summary>
    public static bool TryParse(string text, out JsonElement value)
    {
        value = default;
        return text.AsSpan().TrimStart() is ['{' or '[', ..] && (JsonRules.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out value)
            || (!MethodVersion.IsBefore(5) && PythonLiteral.ToJson(text) is { } json && JsonRules.TryRead(json, out value)));
    }

    /// <summary>The text that an object of a content list holds (<c>{"type":"text","text":…}</c>), as a pointer to it.</summary>
    public static string? TextWithin(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var name in (ReadOnlySpan<string>)["text", "content", "value", "output_text", "refusal"])
        {
            if (value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
            {
                return "/" + name;
            }
        }

        return null;
    }

    private static string? ArgumentsWithin(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (value.TryGetProperty("kwargs", out var named) && value.TryGetProperty("args", out var positional))
        {
            return named.ValueKind == JsonValueKind.Object && named.GetPropertyCount() > 0 || positional.ValueKind != JsonValueKind.Array || positional.GetArrayLength() != 1
                ? "/kwargs"
                : "/args/0";
        }

        var isCall = value.TryGetProperty("tool_name", out _) || value.TryGetProperty("toolName", out _) || value.TryGetProperty("name", out _)
            || value.GetPropertyCount() == 1;
        foreach (var name in (ReadOnlySpan<string>)["arguments", "args", "input", "params"])
        {
            if (isCall && (MethodVersion.IsBefore(5) || IsCall(value, name)) && value.TryGetProperty(name, out var arguments) && arguments.ValueKind is JsonValueKind.Object or JsonValueKind.String
                && (arguments.ValueKind == JsonValueKind.Object || TryParse(arguments.GetString()!, out _)))
            {
                return "/" + name;
            }
        }

        return null;
    }

    // A job that is called by a name and is given parameters and more beside them is an argument like any other.
    private static bool IsCall(JsonElement value, string except) => value.EnumerateObject().All(member => member.Name == except || Array.IndexOf(CallLabels, member.Name) >= 0);

    private static (JsonElement Value, string Pointer, bool SaysError)? Open(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            return value.GetArrayLength() == 1 && IsTextPart(value[0]) && TextWithin(value[0]) is { } part
                ? (value[0].GetProperty(part[1..]), "/0" + part, false)
                : !MethodVersion.IsBefore(5) && EventEnvelope.Block(value) is { } block ? (JsonPointers.Find(value, block)!.Value, block, false)
                : null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (!MethodVersion.IsBefore(5) && EventEnvelope.Result(value) is { } told)
        {
            return (JsonPointers.Find(value, told)!.Value, told, false);
        }

        if (value.TryGetProperty("lc", out _) && value.TryGetProperty("kwargs", out var kwargs) && kwargs.ValueKind == JsonValueKind.Object
            && kwargs.TryGetProperty("content", out var content))
        {
            return (content, "/kwargs/content", IsErrorFlag(kwargs));
        }

        if (value.TryGetProperty("structuredContent", out var structured) && structured.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return (structured, "/structuredContent", IsErrorFlag(value));
        }

        if (value.TryGetProperty("content", out var list) && list.ValueKind is JsonValueKind.Array or JsonValueKind.String
            && (list.ValueKind == JsonValueKind.String || (list.GetArrayLength() > 0 && IsTextPart(list[0]))) && HasOnlyLabels(value, "content"))
        {
            return (list, "/content", IsErrorFlag(value));
        }

        if (IsTextPart(value) && TextWithin(value) is { } text)
        {
            return (value.GetProperty(text[1..]), text, IsErrorFlag(value));
        }

        foreach (var name in Wrapping)
        {
            if (value.TryGetProperty(name, out var wrapped) && HasOnlyLabels(value, name))
            {
                return (wrapped, "/" + name, IsErrorFlag(value));
            }
        }

        return null;
    }

    private static bool IsTextPart(JsonElement value) => value.ValueKind == JsonValueKind.Object
        && (value.TextOf("type") ?? value.TextOf("$type")) is { } type
        && type is "text" or "json" or "error-text" or "error-json" or "output_text" or "input_text" or "content" or "execution-denied";

    private static bool HasOnlyLabels(JsonElement value, string except)
    {
        var isMessage = value.TryGetProperty("tool_call_id", out _) || value.TryGetProperty("tool_use_id", out _);
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name != except && Array.IndexOf(Labels, member.Name) < 0 && !(isMessage && Array.IndexOf(MessageLabels, member.Name) >= 0))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsErrorFlag(JsonElement value) => value.ValueKind == JsonValueKind.Object
        && (IsTrue(value, "isError") || IsTrue(value, "is_error")
            || (value.TextOf("type") is { } type && type.StartsWith("error", StringComparison.Ordinal))
            || (value.TryGetProperty("tool_call_id", out _) && value.TextOf("status") is "error"));

    private static bool IsTrue(JsonElement value, string name) => value.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
}
