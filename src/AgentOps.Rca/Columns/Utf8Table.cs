using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace AgentOps.Rca.Columns;

/// <summary>
/// Texts in UTF-8, each once, numbered from 0 in the order in which they came. A million ids of spans take less than half of what as many
/// strings and a dictionary of them take, and no collector of garbage looks at them.
/// </summary>
internal sealed class Utf8Table : NumberTable<ReadOnlySpan<byte>>
{
    // Places are counted in steps of so many bytes, so that 32 bits reach over 16 GiB.
    private const int Step = 4;
    private const int PieceShift = 18;
    private const int PieceLength = 1 << PieceShift;
    private const int FirstLength = 1 << 10;
    private const int ShortText = 512;

    // Before a text stands its length: in one byte, or in five.
    private const byte LongMark = byte.MaxValue;

    private readonly Column<uint> _places = new();
    private byte[][] _pieces = [];
    private int _used;

    /// <inheritdoc/>
    public override int Count => _places.Count;

    /// <summary>The text of this number.</summary>
    /// <param name="number">The number.</param>
    public ReadOnlySpan<byte> this[int number]
    {
        get
        {
            var place = (long)_places[number] * Step;
            ReadOnlySpan<byte> piece = _pieces[(int)(place >> PieceShift)];
            var at = (int)(place & (PieceLength - 1));
            return piece[at] != LongMark
                ? piece.Slice(at + 1, piece[at])
                : piece.Slice(at + 1 + sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(piece[(at + 1)..]));
        }
    }

    /// <summary>The same as UTF-16, which is made anew each time.</summary>
    /// <param name="number">The number.</param>
    public string Text(int number) => Encoding.UTF8.GetString(this[number]);

    /// <summary>The number of a text, or -1.</summary>
    /// <param name="text">The text.</param>
    public int Find(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> room = most <= ShortText ? stackalloc byte[ShortText] : new byte[most];
        return Find(room[..Encoding.UTF8.GetBytes(text, room)]);
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> KeyOf(int number) => this[number];

    /// <inheritdoc/>
    protected override bool IsOf(int number, ReadOnlySpan<byte> key) => this[number].SequenceEqual(key);

    /// <inheritdoc/>
    protected override uint HashOf(ReadOnlySpan<byte> key) =>
        (uint)string.GetHashCode(MemoryMarshal.Cast<byte, char>(key)) ^ (key.Length % 2 == 0 ? 0u : key[^1] * 0x01000193u);

    /// <inheritdoc/>
    protected override void Keep(ReadOnlySpan<byte> key) => _places.Add(Write(key));

    private uint Write(ReadOnlySpan<byte> text)
    {
        var header = text.Length < LongMark ? 1 : 1 + sizeof(int);
        var room = Room(header + text.Length, out var place);
        room[0] = header == 1 ? (byte)text.Length : LongMark;
        if (header > 1)
        {
            BinaryPrimitives.WriteInt32LittleEndian(room[1..], text.Length);
        }

        text.CopyTo(room[header..]);
        return place;
    }

    // A text that does not fit into a piece has one of its own.
    private Span<byte> Room(int length, out uint place)
    {
        if (_pieces.Length == 0 || _used + length > PieceLength)
        {
            Array.Resize(ref _pieces, _pieces.Length + 1);
            _pieces[^1] = new byte[Math.Max(length, _pieces.Length == 1 ? FirstLength : PieceLength)];
            _used = 0;
        }
        else if (_used + length > _pieces[^1].Length)
        {
            Array.Resize(ref _pieces[^1], Math.Min(PieceLength, Math.Max(_used + length, _pieces[^1].Length * 2)));
        }

        place = checked((uint)((((long)(_pieces.Length - 1) << PieceShift) + _used) / Step));
        var room = _pieces[^1].AsSpan(_used, length);
        _used = (_used + length + Step - 1) / Step * Step;
        return room;
    }
}
