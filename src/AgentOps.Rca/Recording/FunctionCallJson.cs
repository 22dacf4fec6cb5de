using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Recording;

/// <summary>The recorded forms of function calls: plain JSON or text, so that an analysis can point into them.</summary>
internal static class FunctionCallJson
{
    /// <summary>The arguments, in canonical JSON.</summary>
    /// <exception cref="NotSupportedException">An argument cannot be written as JSON.</exception>
    public static byte[] Arguments(AIFunctionArguments arguments, JsonSerializerOptions options) =>
        RecordedResult.Canonical(RecordedResult.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                writer.WritePropertyName(name);
                Write(writer, value, options);
            }

            writer.WriteEndObject();
        }));

    /// <summary>A result. Text and contents come back as such in a replay, anything else as the JSON it is recorded as.</summary>
    /// <exception cref="NotSupportedException">The result cannot be written as JSON.</exception>
    public static RecordedResult Result(object? result, JsonSerializerOptions options) => result switch
    {
        null => new RecordedResult(RecordedKinds.Nothing, "null"u8.ToArray(), RecordedResult.Json),
        string text => RecordedResult.Of(text),
        JsonElement { ValueKind: not JsonValueKind.Undefined } value => RecordedResult.Of(value),
        AIContent content => new RecordedResult(
            RecordedKinds.Content, JsonSerializer.SerializeToUtf8Bytes(content, ChatCallJson.Info<AIContent>()), RecordedResult.Json),
        IEnumerable<AIContent> contents => new RecordedResult(
            RecordedKinds.Contents, JsonSerializer.SerializeToUtf8Bytes([.. contents], ChatCallJson.Info<IList<AIContent>>()), RecordedResult.Json),
        _ => new RecordedResult(RecordedKinds.Json, RecordedResult.Write(writer => Write(writer, result, options)), RecordedResult.Json),
    };

    /// <summary>The result that a recorded one stands for.</summary>
    /// <exception cref="InvalidDataException">The bytes are no result of this kind.</exception>
    public static object? ReadResult(string kind, ReadOnlyMemory<byte> content)
    {
        try
        {
            return kind switch
            {
                RecordedKinds.Nothing => null,
                RecordedKinds.Text => Encoding.UTF8.GetString(content.Span),
                RecordedKinds.Json => JsonElement.Parse(content.Span),
                RecordedKinds.Content => JsonSerializer.Deserialize(content.Span, ChatCallJson.Info<AIContent>()),
                RecordedKinds.Contents => JsonSerializer.Deserialize(content.Span, ChatCallJson.Info<IList<AIContent>>()),
                _ => throw new InvalidDataException($"A function has no result of the kind {kind}."),
            };
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException("The bytes are no recorded result of a function.", failure);
        }
    }

    private static void Write(Utf8JsonWriter writer, object? value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonElement { ValueKind: not JsonValueKind.Undefined } element:
                element.WriteTo(writer);
                break;
            default:
                JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));
                break;
        }
    }
}
