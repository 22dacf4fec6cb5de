using System.Buffers;
using System.Text.Json;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>
/// A reply of at most one row with the bytes of a chunk in it. The bytes are taken out of the JSON while it arrives, so that neither the
/// text nor the JSON is ever in memory as a whole.
/// </summary>
internal sealed class ChunkReply : IDisposable
{
    private const int BufferLength = 32 << 10;

    private ChunkReply(JsonDocument rows, int length)
    {
        Rows = rows;
        Length = length;
    }

    /// <summary>The row without its bytes, or nothing.</summary>
    public JsonDocument Rows { get; }

    /// <summary>How many bytes the chunk has.</summary>
    public int Length { get; }

    /// <summary>Reads a reply.</summary>
    /// <param name="body">The reply.</param>
    /// <param name="into">Takes the bytes, as many as it has room for; the others are only counted.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="InvalidDataException">The bytes are not in PostgreSQL's hexadecimal form.</exception>
    public static async ValueTask<ChunkReply> ReadAsync(Stream body, Memory<byte> into, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            var parser = new Parser(into);
            var filled = 0;
            while (await body.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false) is > 0 and var count)
            {
                filled += count;
                var taken = parser.Take(buffer.AsSpan(0, filled));
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
            }

            return parser.Finish(buffer.AsSpan(0, filled));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => Rows.Dispose();

    private sealed class Parser(Memory<byte> into)
    {
        private readonly ArrayBufferWriter<byte> _rows = new();
        private Place _place;
        private int _length;

        private enum Place
        {
            Before,
            Within,
            Behind,
        }

        // What JSON makes of PostgreSQL's \x.
        private static ReadOnlySpan<byte> Start => "\"\\\\x"u8;

        // Yields how much of it was used up; the rest comes again, with more behind it.
        public int Take(ReadOnlySpan<byte> json)
        {
            var taken = 0;
            if (_place == Place.Before)
            {
                var start = json.IndexOf(Start);
                if (start < 0)
                {
                    taken = Math.Max(json.Length - Start.Length + 1, 0);
                    _rows.Write(json[..taken]);
                    return taken;
                }

                _rows.Write(json[..(start + 1)]);
                taken = start + Start.Length;
                _place = Place.Within;
            }

            if (_place == Place.Within)
            {
                taken += TakeDigits(json[taken..]);
            }

            if (_place == Place.Behind)
            {
                _rows.Write(json[taken..]);
                taken = json.Length;
            }

            return taken;
        }

        public ChunkReply Finish(ReadOnlySpan<byte> rest)
        {
            _rows.Write(rest);
            var rows = JsonDocument.Parse(_rows.WrittenMemory);
            return rows.RootElement.GetArrayLength() == 0 || _place == Place.Behind
                ? new ChunkReply(rows, _length)
                : throw new InvalidDataException("The Data API gave bytes in another form than hexadecimal.");
        }

        private int TakeDigits(ReadOnlySpan<byte> json)
        {
            var end = json.IndexOf((byte)'"');
            var digits = end >= 0 ? json[..end] : json[..(json.Length & ~1)];
            var room = into.Span[Math.Min(_length, into.Length)..];
            var wanted = digits[..Math.Min(digits.Length, room.Length * 2)];
            if (digits.Length % 2 != 0 || Convert.FromHexString(wanted, room, out _, out _) != OperationStatus.Done)
            {
                throw new InvalidDataException("The Data API gave bytes that are not hexadecimal.");
            }

            _length += digits.Length / 2;
            _place = end >= 0 ? Place.Behind : Place.Within;
            return digits.Length;
        }
    }
}
