using System.Buffers.Binary;
using System.Text;

namespace AgentOps.Rca.Otlp;

/// <summary>
/// Reads the wire format of Protocol Buffers out of bytes that are in memory, without copying messages. Every length is checked against
/// what is there, so no input makes it read beyond its message or reserve memory that the input does not fill.
/// </summary>
internal struct ProtobufReader(ReadOnlyMemory<byte> message)
{
    private readonly ReadOnlyMemory<byte> _message = message;
    private int _position;
    private int _wireType;

    private readonly ReadOnlySpan<byte> Rest => _message.Span[_position..];

    /// <summary>Goes to the next field; 0 at the end. Its value must then be read or skipped.</summary>
    public int NextField()
    {
        if (_position == _message.Length)
        {
            return 0;
        }

        var tag = ReadVarint();
        _wireType = (int)(tag & 7);
        return tag is >= 8 and <= uint.MaxValue ? (int)(tag >> 3) : throw Malformed("has a field without a number");
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        var bytes = Rest;
        for (var i = 0; i < 10; i++)
        {
            if (i == bytes.Length)
            {
                break;
            }

            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
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
        var value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span);
        return value;
    }

    public ReadOnlyMemory<byte> ReadBytes()
    {
        Expect(2);
        var length = ReadVarint();
        return length <= int.MaxValue ? Take((int)length) : throw Malformed("has a length beyond its end");
    }

    /// <summary>Text; bytes that are not UTF-8, and U+0000, which no store keeps, are replaced by U+FFFD.</summary>
    public string ReadText() => OtlpText.Clean(Encoding.UTF8.GetString(ReadBytes().Span));

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
                ReadBytes();
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

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > _message.Length - _position)
        {
            throw Malformed("has a length beyond its end");
        }

        var part = _message.Slice(_position, length);
        _position += length;
        return part;
    }

    private static InvalidDataException Malformed(string what) => new($"The message {what}.");
}
