using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentOps.Rca.AspNetCore.Json;

/// <summary>
/// Writes a value whose texts may have many mebibytes in pieces. Written at once, each such text would take a buffer of its size out of the shared pool, which keeps it for
/// the thread that had it.
/// </summary>
internal sealed class LargeJsonConverter : JsonConverter<JsonElement>
{
    private const int Large = 32 * 1024;

    // With room for all of it to be escaped it fits what the server's pool has.
    private const int Piece = 512;

    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) => Write(writer, value);

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        var raw = value.ValueKind == JsonValueKind.Undefined ? default : JsonMarshal.GetRawUtf8Value(value);
        if (raw.Length < Large)
        {
            value.WriteTo(writer);
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when raw.IndexOf((byte)'\\') < 0:
                WriteText(writer, raw[1..^1]);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> text)
    {
        for (; text.Length > Piece; text = text[Piece..])
        {
            writer.WriteStringValueSegment(text[..Piece], isFinalSegment: false);
        }

        writer.WriteStringValueSegment(text, isFinalSegment: true);
    }
}
