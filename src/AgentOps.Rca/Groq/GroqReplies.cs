using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Groq;

/// <summary>Reads Groq's completions into what Microsoft.Extensions.AI hands out.</summary>
internal static class GroqReplies
{
    public static ChatResponse Read(ReadOnlySpan<byte> body, string model, string apiKey)
    {
        var completion = Parse(body);
        if (completion.Error.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            throw GroqErrors.FromMember(completion.Error, model, apiKey);
        }

        if (completion.Choices is not [{ Message: { } answer } choice, ..])
        {
            throw Bad("it has no choice with a message");
        }

        return new ChatResponse(new ChatMessage(ChatRole.Assistant, Contents(answer)))
        {
            ResponseId = completion.Id,
            ModelId = completion.Model ?? model,
            FinishReason = Reason(choice.FinishReason),
            Usage = Usage(completion.Usage) ?? Usage(Member(completion.XGroq, "usage")),
            AdditionalProperties = completion.SystemFingerprint is { } fingerprint
                ? new AdditionalPropertiesDictionary { ["system_fingerprint"] = fingerprint }
                : null,
        };
    }

    /// <summary>One chunk of a stream, or the failure that it reports.</summary>
    public static ChatResponseUpdate ReadChunk(ReadOnlySpan<byte> data, string model, string apiKey)
    {
        var chunk = Parse(data);
        var error = chunk.Error.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? Member(chunk.XGroq, "error") : chunk.Error;
        if (error.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            throw GroqErrors.FromMember(error, model, apiKey);
        }

        var choice = chunk.Choices is [var first, ..] ? first : null;
        var contents = choice?.Delta is { } delta ? Contents(delta) : [];
        if ((Usage(chunk.Usage) ?? Usage(Member(chunk.XGroq, "usage"))) is { } usage)
        {
            contents.Add(new UsageContent(usage));
        }

        return new ChatResponseUpdate(ChatRole.Assistant, contents)
        {
            ResponseId = chunk.Id,
            MessageId = chunk.Id,
            ModelId = chunk.Model ?? model,
            FinishReason = Reason(choice?.FinishReason),
        };
    }

    /// <summary>The usage, or null unless both counts are there; a half-known usage would be taken for a cheap call.</summary>
    public static UsageDetails? Usage(JsonElement usage)
    {
        if (Count(usage, "prompt_tokens") is not { } input || Count(usage, "completion_tokens") is not { } output)
        {
            return null;
        }

        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = Count(usage, "total_tokens") ?? input + output,
            CachedInputTokenCount = Count(Member(usage, "prompt_tokens_details"), "cached_tokens"),
            ReasoningTokenCount = Count(Member(usage, "completion_tokens_details"), "reasoning_tokens"),
        };
    }

    public static GroqException Bad(string why, Exception? cause = null) =>
        new(GroqErrorKind.BadReply, $"Groq's reply is not what its API describes: {why}.", cause);

    private static GroqCompletion Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, GroqJsonContext.Default.GroqCompletion) ?? throw Bad("it is null");
        }
        catch (JsonException exception)
        {
            // The exception's own message may quote what the model wrote.
            throw Bad($"it cannot be read as a completion at {exception.Path ?? "its start"}");
        }
    }

    private static List<AIContent> Contents(GroqAnswer answer)
    {
        var contents = new List<AIContent>(2);
        if (!string.IsNullOrEmpty(answer.Reasoning))
        {
            contents.Add(new TextReasoningContent(answer.Reasoning));
        }

        if (!string.IsNullOrEmpty(answer.Content))
        {
            contents.Add(new TextContent(answer.Content));
        }

        return contents;
    }

    private static ChatFinishReason? Reason(string? reason) => reason switch
    {
        null => null,
        "stop" => ChatFinishReason.Stop,
        "length" => ChatFinishReason.Length,
        "tool_calls" => ChatFinishReason.ToolCalls,
        "" => null,
        _ => new ChatFinishReason(reason),
    };

    private static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static long? Count(JsonElement usage, string name) =>
        Member(usage, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var count) && count >= 0 ? count : null;
}
