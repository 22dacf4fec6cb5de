using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using AgentOps.Rca.Spans.Ingest;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// Reads the wire format of Protocol Buffers out of bytes that are in memory, without copying messages. Every length is checked against
/// what is there, so no input makes it read beyond its message or reserve memory that the input does not fill.
/// </summary>
internal struct ProtobufReader
{
    private readonly byte[] _bytes;
    private readonly int _end;
    private int _position;
    private int _wireType;

    public ProtobufReader(ReadOnlyMemory<byte> message)
    {
        if (!MemoryMarshal.TryGetArray(message, out var array))
        {
            array = new ArraySegment<byte>(message.ToArray());
        }

        _bytes = array.Array!;
        _position = array.Offset;
        _end = array.Offset + array.Count;
    }

    private ProtobufReader(byte[] bytes, int position, int end)
    {
        _bytes = bytes;
        _position = position;
        _end = end;
    }

    /// <summary>Goes to the next field; 0 at the end. Its value must then be read or skipped.</summary>
    public int NextField()
    {
        if (_position == _end)
        {
            return 0;
        }

        var tag = ReadVarint();
        _wireType = (int)(tag & 7);
        return tag is >= 8 and <= uint.MaxValue ? (int)(tag >> 3) : throw Malformed("has a field without a number");
    }

    public ulong ReadVarint()
    {
        // Nearly all of them have one byte.
        if (_position < _end && _bytes[_position] < 0x80)
        {
            return _bytes[_position++];
        }

        ulong value = 0;
        var most = Math.Min(10, _end - _position);
        for (var i = 0; i < most; i++)
        {
            var next = _bytes[_position + i];
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                _position += i + 1;
                return value;
            }
        }

        throw Malformed("has a number that does not end");
    }

    public ulong ReadNumber()
    {
        Expect(0);
        return ReadVarint();
    }

    public ulong ReadFixed64()
    {
        Expect(1);
        return BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
    }

    /// <summary>The bytes of a field, to look at later.</summary>
    public ReadOnlyMemory<byte> ReadBytes()
    {
        var bytes = ReadSpan();
        return new ReadOnlyMemory<byte>(_bytes, _position - bytes.Length, bytes.Length);
    }

    /// <summary>A reader of a field that is a message of its own.</summary>
    public ProtobufReader ReadMessage()
    {
        var bytes = ReadSpan();
        return new ProtobufReader(_bytes, _position - bytes.Length, _position);
    }

    /// <summary>The bytes of a field, for those that look at them at once.</summary>
    public ReadOnlySpan<byte> ReadSpan()
    {
        Expect(2);
        var length = ReadVarint();
        return length <= int.MaxValue ? Take((int)length) : throw Malformed("has a length beyond its end");
    }

    /// <summary>Text; bytes that are not UTF-8, and U+0000, which no store keeps, are replaced by U+FFFD.</summary>
    public string ReadText() => OtlpText.Clean(Encoding.UTF8.GetString(ReadSpan()));

    /// <summary>The same as a value, which becomes a string when one is asked for.</summary>
    public OtlpValue ReadTextValue()
    {
        var text = ReadSpan();
        return Utf8.IsValid(text) && !text.Contains((byte)0)
            ? OtlpValue.OfUtf8(_bytes, _position - text.Length, text.Length)
            : OtlpValue.Of(OtlpText.Clean(Encoding.UTF8.GetString(text)));
    }

    /// <summary>Text that comes again and again, such as an attribute's name.</summary>
    public string ReadText(TextCache cache) => OtlpText.Clean(cache.Get(ReadSpan()));

    public void Skip()
    {
        switch (_wireType)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                ReadSpan();
                break;
            case 5:
                Take(4);
                break;
            default:
                // Groups ended with proto2; OTLP has none.
                throw Malformed("has a field of an unknown kind");
        }
    }

    private readonly void Expect(int wireType)
    {
        if (_wireType != wireType)
        {
            throw Malformed("has a field of another kind than OTLP says");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _end - _position)
        {
            throw Malformed("has a length beyond its end");
        }

        _position += length;
        return _bytes.AsSpan(_position - length, length);
    }

    private static InvalidDataException Malformed(string what) => new($"The message {what}.");
}
