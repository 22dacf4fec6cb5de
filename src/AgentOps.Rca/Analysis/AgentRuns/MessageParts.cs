using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Reads the parts of a message: texts, tool calls and answers to them.</summary>
internal static class MessageParts
{
    private static readonly string[] Lists = ["parts", "content", "contents"];
    private static readonly string[] CallLists = ["tool_calls", "toolCalls", "ai.response.toolCalls", "ai.toolCalls"];

    /// <summary>The kind of a part, or null when the value is none.</summary>
    public static string? Type(JsonElement part)
    {
        if (part.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var type = (part.TextOf("type") ?? part.TextOf("$type") ?? part.TextOf("kind") ?? part.TextOf("part_kind"))?.ToUpperInvariant();
        return type switch
        {
            "TEXT" or "OUTPUT_TEXT" or "INPUT_TEXT" or "REFUSAL" or "MICROSOFT.EXTENSIONS.AI.TEXTCONTENT" or "REASONING" or "THINKING" => "text",
            "TOOL_CALL" or "TOOL-CALL" or "TOOL_USE" or "FUNCTION_CALL" or "FUNCTIONCALL" or "CUSTOM_TOOL_CALL" => "call",
            "TOOL_CALL_RESPONSE" or "TOOL-RESULT" or "TOOL_RESULT" or "TOOL_RETURN" or "TOOL-RETURN" or "FUNCTIONRESULT" or "FUNCTION_CALL_OUTPUT"
                or "FUNCTION_CALL_RESULT" or "CUSTOM_TOOL_CALL_OUTPUT" => "answer",
            null when part.TryGetProperty("functionCall", out _) || part.TryGetProperty("function_call", out _) || IsBlock(part, "toolUse") => "call",
            null when part.TryGetProperty("functionResponse", out _) || part.TryGetProperty("function_response", out _) || IsBlock(part, "toolResult") => "answer",
            null when part.GetPropertyCount() <= 2 && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
                && !part.TryGetProperty("message", out _) && !Array.Exists(CallLists, name => part.TryGetProperty(name, out _)) => "text",
            null when (part.TryGetProperty("toolName", out _) || part.TryGetProperty("tool_name", out _))
                && (part.TryGetProperty("args", out _) || part.TryGetProperty("input", out _)) => "call",
            _ => null,
        };
    }

    // Amazon Bedrock names the kind of a block by its only member.
    private static bool IsBlock(JsonElement part, string name) =>
        !MethodVersion.IsBefore(5) && part.TryGetProperty(name, out var block) && block.ValueKind == JsonValueKind.Object;

    /// <summary>Reads a message of any form into <paramref name="message"/>.</summary>
    public static void ReadMessage(RunMessage message, JsonElement value, Place place, bool inner)
    {
        var isAnswer = message.Role == "tool";
        var list = Array.Find(Lists, name => value.TryGetProperty(name, out var member) && member.ValueKind is not JsonValueKind.Null);
        if (list is not null)
        {
            var content = value.GetProperty(list);
            var at = inner ? place : place.Member(list);
            if (isAnswer && !(content.ValueKind == JsonValueKind.Array && content.EnumerateArray().Any(part => Type(part) == "answer")))
            {
                message.Answers.Add(new ToolAnswer(Id(value), value.TextOf("name") ?? value.TextOf("toolName"), Answer(content, at, inner, value)));
            }
            else if (content.ValueKind == JsonValueKind.String)
            {
                AddText(message, content.GetString()!, at);
            }
            else if (content.ValueKind == JsonValueKind.Array)
            {
                var index = 0;
                foreach (var part in content.EnumerateArray())
                {
                    Read(message, part, inner ? at : at.Item(index), inner);
                    index++;
                }
            }
            else
            {
                Read(message, content, at, inner);
            }
        }
        else if (isAnswer && value.TryGetProperty("output", out var output))
        {
            message.Answers.Add(new ToolAnswer(Id(value), value.TextOf("name"), Answer(output, inner ? place : place.Member("output"), inner, value)));
        }

        // OpenAI's models refuse in a member of their own, beside an empty content; LangChain keeps it among the provider's own members.
        if (message.Texts.Count == 0 && value.TextOf("refusal") is { Length: > 0 } refusal)
        {
            AddText(message, refusal, inner ? place : place.Member("refusal"));
        }
        else if (message.Texts.Count == 0 && value.TryGetProperty("additional_kwargs", out var own) && own.ValueKind == JsonValueKind.Object && own.TextOf("refusal") is { Length: > 0 } refused)
        {
            AddText(message, refused, inner ? place : place.Member("additional_kwargs").Member("refusal"));
        }

        ReadCalls(message, value, place, inner);
    }

    /// <summary>Reads one part.</summary>
    public static void Read(RunMessage message, JsonElement part, Place place, bool inner)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            AddText(message, part.GetString()!, place);
            return;
        }

        switch (Type(part))
        {
            case "text" when Envelope.TextWithin(part) is { } pointer:
                AddText(message, part.GetProperty(pointer[1..]).GetString()!, inner ? place : place.Member(pointer[1..]));
                break;
            case "text" when part.TryGetProperty("content", out var wrapped) && Envelope.TextWithin(wrapped) is { } within:
                AddText(message, wrapped.GetProperty(within[1..]).GetString()!, inner ? place : place.Member("content").Member(within[1..]));
                break;
            case "call":
                AddCall(message, part, place, inner);
                break;
            case "answer":
                AddAnswer(message, part, place, inner);
                break;
            case null when part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String:
                AddText(message, text.GetString()!, inner ? place : place.Member("text"));
                break;
        }
    }

    /// <summary>Reads the lists of tool calls that stand beside a message's text.</summary>
    public static void ReadCalls(RunMessage message, JsonElement value, Place place, bool inner)
    {
        foreach (var name in CallLists)
        {
            if (!value.TryGetProperty(name, out var calls))
            {
                continue;
            }

            var (list, at, isInner) = (calls, inner ? place : place.Member(name), inner);
            if (calls.ValueKind == JsonValueKind.String && Envelope.TryParse(calls.GetString()!, out var parsed))
            {
                (list, isInner) = (parsed, true);
            }

            if (list.ValueKind == JsonValueKind.Array)
            {
                var index = 0;
                foreach (var call in list.EnumerateArray())
                {
                    AddCall(message, call, isInner ? at : at.Item(index), isInner);
                    index++;
                }
            }
        }

        // LangChain keeps what the provider said in additional_kwargs, too.
        if (message.Calls.Count == 0 && value.TryGetProperty("additional_kwargs", out var additional) && additional.ValueKind == JsonValueKind.Object)
        {
            ReadCalls(message, additional, inner ? place : place.Member("additional_kwargs"), inner);
        }
    }

    private static void AddText(RunMessage message, string text, Place place)
    {
        if (text.Length > 0)
        {
            message.Texts.Add(new Passage(text, place));
        }
    }

    private static void AddCall(RunMessage message, JsonElement call, Place place, bool inner)
    {
        if (call.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var id = Id(call);
        foreach (var name in (ReadOnlySpan<string>)["function", "functionCall", "function_call", "tool_call", "toolUse"])
        {
            if (call.TryGetProperty(name, out var within) && within.ValueKind == JsonValueKind.Object)
            {
                (call, place) = (within, inner ? place : place.Member(name));
                id ??= Id(call);
                break;
            }
        }

        if ((call.TextOf("name") ?? call.TextOf("toolName") ?? call.TextOf("tool_name")) is not { Length: > 0 } tool)
        {
            return;
        }

        Payload? arguments = null;
        foreach (var name in (ReadOnlySpan<string>)["arguments", "args", "input", "toolInput", "parameters"])
        {
            if (call.TryGetProperty(name, out var given) && given.ValueKind is not JsonValueKind.Null)
            {
                var at = inner ? place : place.Member(name);
                arguments = given.ValueKind == JsonValueKind.String && Envelope.TryParse(given.GetString()!, out var parsed)
                    ? new Payload(parsed, at, IsInner: true)
                    : new Payload(given, at, inner);
                break;
            }
        }

        if (!message.Calls.Exists(known => known.Id is not null && known.Id == id))
        {
            message.Calls.Add(new AskedCall(id, tool, arguments, place));
        }
    }

    private static void AddAnswer(RunMessage message, JsonElement part, Place place, bool inner)
    {
        var id = Id(part);
        foreach (var name in (ReadOnlySpan<string>)["functionResponse", "function_response", "toolResult"])
        {
            if (part.TryGetProperty(name, out var within) && within.ValueKind == JsonValueKind.Object)
            {
                (part, place) = (within, inner ? place : place.Member(name));
                id ??= Id(part);
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["response", "result", "output", "content"])
        {
            if (part.TryGetProperty(name, out var given))
            {
                message.Answers.Add(new ToolAnswer(
                    id, part.TextOf("name") ?? part.TextOf("toolName") ?? part.TextOf("tool_name"), Answer(given, inner ? place : place.Member(name), inner, part)));
                return;
            }
        }
    }

    private static Payload Answer(JsonElement value, Place place, bool inner, JsonElement around)
    {
        var payload = Envelope.Result(value, place);
        var saysError = payload.SaysError
            || (around.TryGetProperty("is_error", out var flag) && flag.ValueKind == JsonValueKind.True)
            || (around.TryGetProperty("isError", out var isError) && isError.ValueKind == JsonValueKind.True)
            || (around.TryGetProperty("tool_call_id", out _) && around.TextOf("status") is "error")
            || (!MethodVersion.IsBefore(5) && around.TryGetProperty("toolUseId", out _) && around.TextOf("status") is "error");
        return payload with { IsInner = inner || payload.IsInner, Place = inner ? place : payload.Place, SaysError = saysError };
    }

    private static string? Id(JsonElement value) =>
        value.TextOf("tool_call_id") ?? value.TextOf("toolCallId") ?? value.TextOf("tool_use_id") ?? value.TextOf("call_id") ?? value.TextOf("callId") ?? value.TextOf("toolUseId") ?? value.TextOf("id");
}
