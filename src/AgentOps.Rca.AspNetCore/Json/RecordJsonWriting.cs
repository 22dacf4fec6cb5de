using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Json;

/// <summary>
/// Writes the JSON of a record as it lies in the store, token by token, with large texts in pieces. Parsed it would take as much memory again, and written at once each such text
/// would take a buffer of its size out of the shared pool, which keeps it for the thread that had it.
/// </summary>
/// <param name="value">The JSON.</param>
internal sealed class RecordJsonWriting(RecordJson value)
{
    private const int Large = 32 * 1024;

    // With room for all of it to be escaped it fits what the server's pool has.
    private const int Piece = 512;

    // What was accepted can be read back, whatever the bound of the reader that accepted it.
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 1_000 });
    private RecordJson _value = value;
    private int _place;

    // What is left of a large text.
    private int _text;
    private int _left;

    /// <summary>All of it.</summary>
    public void WriteAll(Utf8JsonWriter writer) => Write(writer, most: null);

    /// <summary>Some of it, at least so many bytes; true when there is more.</summary>
    public bool WriteSome(Utf8JsonWriter writer, int most)
    {
        var more = Write(writer, most);
        writer.Flush();
        return more;
    }

    private bool Write(Utf8JsonWriter writer, int? most)
    {
        if (!_value.TryGetUtf8(out var utf8))
        {
            _value.Element.WriteTo(writer);
            return false;
        }

        var end = most is { } bytes ? writer.BytesCommitted + writer.BytesPending + bytes : long.MaxValue;
        if (!WriteText(writer, utf8, end))
        {
            return true;
        }

        var reader = new Utf8JsonReader(utf8[_place..], isFinalBlock: true, _state);
        var start = _place;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && reader.ValueSpan.Length >= Large)
            {
                (_text, _left) = (start + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            }
            else
            {
                Copy(ref reader, writer);
            }

            (_place, _state) = (start + (int)reader.BytesConsumed, reader.CurrentState);
            if (!WriteText(writer, utf8, end) || writer.BytesCommitted + writer.BytesPending >= end)
            {
                return true;
            }
        }

        return false;
    }

    // False when there is more of the text than is to be written now.
    private bool WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> utf8, long end)
    {
        while (_left > 0)
        {
            if (writer.BytesCommitted + writer.BytesPending >= end)
            {
                return false;
            }

            var count = Math.Min(_left, Piece);
            writer.WriteStringValueSegment(utf8.Slice(_text, count), isFinalSegment: count == _left);
            _text += count;
            _left -= count;
        }

        return true;
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
                writer.WriteStringValue(unescaped.AsSpan(0, reader.CopyString(unescaped)));
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(reader.ValueSpan);
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
}
