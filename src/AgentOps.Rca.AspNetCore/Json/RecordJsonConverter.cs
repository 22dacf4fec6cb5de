using System.Text.Json;
using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Json;

/// <summary>
/// Writes the JSON of a record as it lies in the store, token by token, with large texts in pieces. Parsed it would take as much memory again, and written at once each such text
/// would take a buffer of its size out of the shared pool, which keeps it for the thread that had it.
/// </summary>
internal sealed class RecordJsonConverter : JsonConverter<RecordJson>
{
    private const int Large = 32 * 1024;

    // With room for all of it to be escaped it fits what the server's pool has.
    private const int Piece = 512;

    // What was accepted can be read back, whatever the bound of the reader that accepted it.
    private static readonly JsonReaderOptions Stored = new() { MaxDepth = 1_000 };

    public override RecordJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => RecordJson.Of(JsonElement.ParseValue(ref reader));

    public override void Write(Utf8JsonWriter writer, RecordJson value, JsonSerializerOptions options)
    {
        if (!value.TryGetUtf8(out var utf8))
        {
            value.Element.WriteTo(writer);
            return;
        }

        for (var reader = new Utf8JsonReader(utf8, Stored); reader.Read();)
        {
            Copy(ref reader, writer);
        }
    }

    private static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.PropertyName when reader.ValueIsEscaped:
                writer.WritePropertyName(reader.GetString()!);
                break;
            case JsonTokenType.PropertyName:
                writer.WritePropertyName(reader.ValueSpan);
                break;
            case JsonTokenType.String when reader.ValueIsEscaped:
                // Its own, not the pool's, when it is large.
                var unescaped = new byte[reader.ValueSpan.Length];
                WriteText(writer, unescaped.AsSpan(0, reader.CopyString(unescaped)));
                break;
            case JsonTokenType.String:
                WriteText(writer, reader.ValueSpan);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                writer.WriteBooleanValue(reader.TokenType == JsonTokenType.True);
                break;
            case JsonTokenType.Null:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> text)
    {
        if (text.Length < Large)
        {
            writer.WriteStringValue(text);
            return;
        }

        for (; text.Length > Piece; text = text[Piece..])
        {
            writer.WriteStringValueSegment(text[..Piece], isFinalSegment: false);
        }

        writer.WriteStringValueSegment(text, isFinalSegment: true);
    }
}
