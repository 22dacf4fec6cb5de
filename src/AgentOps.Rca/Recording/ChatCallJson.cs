using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentOps.Rca.Json;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Recording;

/// <summary>The recorded forms of model calls: JSON as Microsoft.Extensions.AI writes it.</summary>
internal static class ChatCallJson
{
    public const string RequestMime = "application/vnd.agentops-rca.chat-request+json";
    public const string ResponseMime = "application/vnd.agentops-rca.chat-response+json";
    public const string StreamMime = "application/vnd.agentops-rca.chat-updates+json";

    // Ids and times of messages are made by clients, differ from run to run and are not shown to a model.
    private static readonly string[] NotAsked = ["createdAt", "messageId"];

    /// <summary>What is asked, in canonical JSON: messages, options and the tools that are offered.</summary>
    /// <exception cref="NotSupportedException">Something in it cannot be written as JSON.</exception>
    public static byte[] Request(IEnumerable<ChatMessage> messages, ChatOptions? options, string? model) =>
        RecordedResult.Canonical(RecordedResult.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("messages");
            foreach (var message in messages)
            {
                writer.WriteStartObject();
                foreach (var member in JsonSerializer.SerializeToElement(message, Info<ChatMessage>()).EnumerateObject())
                {
                    if (!NotAsked.Contains(member.Name))
                    {
                        member.WriteTo(writer);
                    }
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("model", model);
            if (options is not null)
            {
                writer.WritePropertyName("options");
                JsonSerializer.Serialize(writer, options, Info<ChatOptions>());
                WriteTools(writer, options.Tools);
            }

            writer.WriteEndObject();
        }));

    public static RecordedResult Response(ChatResponse response) =>
        new(RecordedKinds.Response, JsonSerializer.SerializeToUtf8Bytes(response, Info<ChatResponse>()), ResponseMime);

    /// <summary>One update of a stream; kept at once, since the caller may change the object.</summary>
    public static byte[] Update(ChatResponseUpdate update) => JsonSerializer.SerializeToUtf8Bytes(update, Info<ChatResponseUpdate>());

    /// <summary>A stream as far as it was read: whether it ended, or with what failure.</summary>
    public static RecordedResult Stream(IReadOnlyList<byte[]> updates, bool complete, Exception? failure) => new(
        RecordedKinds.Stream,
        RecordedResult.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("complete", complete);
            if (failure is not null)
            {
                RecordedFailure.Of(failure).WriteTo(writer);
            }

            writer.WriteStartArray("updates");
            foreach (var update in updates)
            {
                writer.WriteRawValue(update, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }),
        StreamMime)
    { Failure = failure };

    /// <exception cref="InvalidDataException">The bytes are no recorded response.</exception>
    public static ChatResponse ReadResponse(ReadOnlyMemory<byte> content) => Read(content, Info<ChatResponse>());

    /// <exception cref="InvalidDataException">The bytes are no recorded stream.</exception>
    public static (IReadOnlyList<ChatResponseUpdate> Updates, bool Complete, RecordedFailure? Failure) ReadStream(ReadOnlyMemory<byte> content)
    {
        var value = Read(content, Info<JsonElement>());
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("complete", out var complete) || complete.ValueKind is not (JsonValueKind.True or JsonValueKind.False)
            || !value.TryGetProperty("updates", out var updates) || updates.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException("The bytes are no recorded stream of updates.");
        }

        return ([.. updates.EnumerateArray().Select(Update)], complete.GetBoolean(), RecordedFailure.Read(value));

        static ChatResponseUpdate Update(JsonElement update) => update.Deserialize(Info<ChatResponseUpdate>())
            ?? throw new InvalidDataException("The bytes are no recorded stream of updates.");
    }

    public static JsonTypeInfo<T> Info<T>() => (JsonTypeInfo<T>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T));

    private static T Read<T>(ReadOnlyMemory<byte> content, JsonTypeInfo<T> info)
    {
        try
        {
            return JsonSerializer.Deserialize(content.Span, info) ?? throw new InvalidDataException("The bytes are no recorded reply of a model.");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException("The bytes are no recorded reply of a model.", failure);
        }
    }

    private static void WriteTools(Utf8JsonWriter writer, IList<AITool>? tools)
    {
        if (tools is null)
        {
            return;
        }

        writer.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            writer.WriteStartObject();
            writer.WriteString("name", tool.Name);
            writer.WriteString("description", tool.Description);
            if (tool is AIFunctionDeclaration function)
            {
                writer.WritePropertyName("parameters");
                (function.JsonSchema.ValueKind == JsonValueKind.Undefined ? JsonRules.EmptyObject : function.JsonSchema).WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
