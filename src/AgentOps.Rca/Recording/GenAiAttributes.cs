using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Recording;

/// <summary>Attributes of recorded calls, by OpenTelemetry's semantic conventions for generative AI.</summary>
internal static class GenAiAttributes
{
    /// <summary>The model that was asked for; null when the caller and the client named none.</summary>
    public const string RequestModel = "gen_ai.request.model";

    /// <summary>Makes the attributes of a span.</summary>
    public static JsonElement Make(Action<Utf8JsonWriter> write) => JsonElement.Parse(RecordedResult.Write(writer =>
    {
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    }));

    /// <summary>A model call; what is unknown is null.</summary>
    public static void WriteChat(Utf8JsonWriter writer, ChatClientMetadata? client, ChatOptions? options, ChatResponse? response)
    {
        writer.WriteString("gen_ai.operation.name", "chat");
        WriteText(writer, "gen_ai.provider.name", client?.ProviderName);
        WriteText(writer, RequestModel, options?.ModelId ?? client?.DefaultModelId);
        WriteText(writer, "gen_ai.response.model", response?.ModelId);
        WriteNumber(writer, "gen_ai.usage.input_tokens", response?.Usage?.InputTokenCount);
        WriteNumber(writer, "gen_ai.usage.output_tokens", response?.Usage?.OutputTokenCount);
        WriteNumber(writer, "gen_ai.usage.cache_read.input_tokens", response?.Usage?.CachedInputTokenCount);
        if (response?.FinishReason is { } reason)
        {
            writer.WriteStartArray("gen_ai.response.finish_reasons");
            writer.WriteStringValue(Storable(reason.Value));
            writer.WriteEndArray();
        }
    }

    /// <summary>That the call failed.</summary>
    public static void WriteFailure(Utf8JsonWriter writer, string type, string message)
    {
        writer.WriteString("status", "error");
        writer.WriteString("error.type", type);
        writer.WriteString("error.message", Storable(message));
    }

    public static void WriteNumber(Utf8JsonWriter writer, string name, double? value)
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

    private static void WriteText(Utf8JsonWriter writer, string name, string? text) => writer.WriteString(name, text is null ? null : Storable(text));

    /// <summary>The text as every backend can keep it: no U+0000. Halves of surrogate pairs are replaced when it is written.</summary>
    public static string Storable(string text) => text.Replace('\0', '\uFFFD');
}
