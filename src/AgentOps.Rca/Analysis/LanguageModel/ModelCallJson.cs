using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Json;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>The recorded form of a model call, in canonical JSON: what was asked, and what came back or why nothing did.</summary>
internal static class ModelCallJson
{
    public const string PromptMime = "application/vnd.agentops-rca.prompt+json";
    public const string ReplyMime = "application/vnd.agentops-rca.reply+json";

    /// <summary>The prompt. The same question to the same kind of model has the same bytes, whichever client answers.</summary>
    public static byte[] Prompt(IEnumerable<ChatMessage> messages, ChatOptions? options) => Canonical(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("messages");
        foreach (var message in messages)
        {
            writer.WriteStartObject();
            writer.WriteString("role", message.Role.Value);
            writer.WriteString("text", message.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteNumber(writer, "max_output_tokens", options?.MaxOutputTokens);
        WriteNumber(writer, "temperature", options?.Temperature);
        WriteNumber(writer, "seed", options?.Seed);
        writer.WriteString("model", options?.ModelId);
        if (options?.ResponseFormat is ChatResponseFormatJson format)
        {
            writer.WritePropertyName("json_schema");
            (format.Schema ?? JsonRules.EmptyObject).WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    /// <summary>A response.</summary>
    public static byte[] Reply(ChatResponse response) => Canonical(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("text", response.Text);
        writer.WriteString("model", response.ModelId);
        writer.WriteString("finish_reason", response.FinishReason?.Value);
        writer.WritePropertyName("usage");
        if (response.Usage is { } usage)
        {
            writer.WriteStartObject();
            WriteNumber(writer, "input_tokens", usage.InputTokenCount);
            WriteNumber(writer, "output_tokens", usage.OutputTokenCount);
            WriteNumber(writer, "cached_tokens", usage.CachedInputTokenCount);
            WriteNumber(writer, "reasoning_tokens", usage.ReasoningTokenCount);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNullValue();
        }

        WriteNumber(writer, "cost_usd", ModelCosts.Get(response));
        writer.WriteEndObject();
    });

    /// <summary>A failure.</summary>
    public static byte[] Reply(ModelCallException failure) => Canonical(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("failure");
        writer.WriteString("message", failure.Message);
        writer.WriteBoolean("request_too_large", failure.IsRequestTooLarge);
        writer.WriteBoolean("nothing_was_sent", failure.NothingWasSent);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>The response that a recorded reply stands for.</summary>
    /// <exception cref="ModelCallException">The call had failed.</exception>
    /// <exception cref="InvalidDataException">The bytes are no recorded reply.</exception>
    public static ChatResponse Read(ReadOnlyMemory<byte> reply)
    {
        try
        {
            using var document = JsonDocument.Parse(reply, JsonRules.DocumentOptions);
            var root = document.RootElement;
            if (root.TryGetProperty("failure", out var failure))
            {
                throw new ModelCallException(failure.GetProperty("message").GetString()!)
                {
                    IsRequestTooLarge = failure.GetProperty("request_too_large").GetBoolean(),
                    NothingWasSent = failure.GetProperty("nothing_was_sent").GetBoolean(),
                };
            }

            var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, root.GetProperty("text").GetString()))
            {
                ModelId = root.GetProperty("model").GetString(),
                FinishReason = root.GetProperty("finish_reason").GetString() is { } reason ? new ChatFinishReason(reason) : null,
                Usage = ReadUsage(root.GetProperty("usage")),
            };
            ModelCosts.Set(response, root.GetProperty("cost_usd") is { ValueKind: JsonValueKind.Number } cost ? cost.GetDouble() : null);
            return response;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException("The bytes are no recorded reply of a model.", exception);
        }
    }

    private static UsageDetails? ReadUsage(JsonElement usage) => usage.ValueKind != JsonValueKind.Object ? null : new UsageDetails
    {
        InputTokenCount = ReadNumber(usage, "input_tokens"),
        OutputTokenCount = ReadNumber(usage, "output_tokens"),
        CachedInputTokenCount = ReadNumber(usage, "cached_tokens"),
        ReasoningTokenCount = ReadNumber(usage, "reasoning_tokens"),
    };

    private static long? ReadNumber(JsonElement value, string name) =>
        value.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    private static void WriteNumber(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static byte[] Canonical(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return CanonicalJson.ToUtf8(JsonElement.Parse(buffer.WrittenSpan));
    }
}
