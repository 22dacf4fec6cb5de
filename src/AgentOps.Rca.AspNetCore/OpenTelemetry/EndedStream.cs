using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace AgentOps.Rca.AspNetCore.OpenTelemetry;

/// <summary>
/// Unpacks a body and knows whether it came to its end. The framework's streams give what they can unpack of a body that was cut off and
/// then say that it is over: half a batch would be taken for the whole.
/// </summary>
internal abstract class EndedStream : IAsyncDisposable
{
    /// <summary>How many bytes more than the body's own it gives.</summary>
    public abstract int Extra { get; }

    /// <summary>Unpacks on.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Whether the body came to its end; asked when all was read.</summary>
    /// <param name="unpacked">All that was read.</param>
    public abstract bool IsEnded(ReadOnlySpan<byte> unpacked);

    public abstract ValueTask DisposeAsync();

    /// <summary>A reader of a body that is packed so, or null when this is no way to pack.</summary>
    public static EndedStream? Open(string encoding, Stream body) => encoding switch
    {
        "" or "identity" => new Plain(body),
        "gzip" or "x-gzip" => new Gzip(body),
        "deflate" => new Zlib(body),
        "br" => new Brotli(body),
        _ => null,
    };

    private sealed class Plain(Stream body) : EndedStream
    {
        public override int Extra => 0;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => body.ReadAsync(buffer, cancellationToken);

        public override bool IsEnded(ReadOnlySpan<byte> unpacked) => true;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    // A stream of gzip may have several members. One more is put behind the body: it comes out whole only when the body ended before it.
    private sealed class Gzip : EndedStream
    {
        private const int MarkBytes = 16;
        private readonly byte[] _mark;
        private readonly Followed _body;
        private readonly GZipStream _unpacked;

        public Gzip(Stream body)
        {
            _mark = RandomNumberGenerator.GetBytes(MarkBytes);
            _body = new Followed(body, Pack(_mark));
            _unpacked = new GZipStream(_body, CompressionMode.Decompress);
        }

        public override int Extra => _mark.Length;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => _unpacked.ReadAsync(buffer, cancellationToken);

        public override bool IsEnded(ReadOnlySpan<byte> unpacked) => !_body.Last.IsEmpty && unpacked.EndsWith(_mark);

        public override ValueTask DisposeAsync() => _unpacked.DisposeAsync();

        private static byte[] Pack(byte[] mark)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression))
            {
                gzip.Write(mark);
            }

            return packed.ToArray();
        }
    }

    // RFC 1950 ends with the Adler-32 of what was packed, and so does a body that was not cut off.
    private sealed class Zlib : EndedStream
    {
        private const int TrailerBytes = 4;
        private readonly Followed _body;
        private readonly ZLibStream _unpacked;

        public Zlib(Stream body)
        {
            _body = new Followed(body, []);
            _unpacked = new ZLibStream(_body, CompressionMode.Decompress);
        }

        public override int Extra => 0;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => _unpacked.ReadAsync(buffer, cancellationToken);

        public override bool IsEnded(ReadOnlySpan<byte> unpacked) =>
            _body.Last.Length == TrailerBytes && BinaryPrimitives.ReadUInt32BigEndian(_body.Last) == Adler32(unpacked);

        public override ValueTask DisposeAsync() => _unpacked.DisposeAsync();

        private static uint Adler32(ReadOnlySpan<byte> bytes)
        {
            const uint prime = 65_521;
            const int mostBeforeOverflow = 5_552;
            var (low, high) = (1u, 0u);
            while (!bytes.IsEmpty)
            {
                foreach (var one in bytes[..Math.Min(bytes.Length, mostBeforeOverflow)])
                {
                    low += one;
                    high += low;
                }

                (low, high) = (low % prime, high % prime);
                bytes = bytes[Math.Min(bytes.Length, mostBeforeOverflow)..];
            }

            return (high << 16) | low;
        }
    }

    // Brotli has no trailer, so its decoder is asked itself.
    private sealed class Brotli(Stream body) : EndedStream
    {
        private readonly byte[] _packed = new byte[16 * 1024];
        private BrotliDecoder _decoder;
        private int _start;
        private int _end;
        private bool _isEnded;

        public override int Extra => 0;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            while (!_isEnded)
            {
                var status = _decoder.Decompress(_packed.AsSpan(_start, _end - _start), buffer.Span, out var consumed, out var written);
                _start += consumed;
                _isEnded = status == System.Buffers.OperationStatus.Done;
                if (status == System.Buffers.OperationStatus.InvalidData)
                {
                    throw new InvalidDataException("The bytes are no brotli.");
                }

                if (written > 0)
                {
                    return written;
                }

                if (status == System.Buffers.OperationStatus.NeedMoreData)
                {
                    (_start, _end) = (0, await body.ReadAsync(_packed, cancellationToken).ConfigureAwait(false));
                    if (_end == 0)
                    {
                        return 0;
                    }
                }
            }

            return 0;
        }

        public override bool IsEnded(ReadOnlySpan<byte> unpacked) => _isEnded;

        public override ValueTask DisposeAsync()
        {
            _decoder.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A body and what is put behind it; remembers the last bytes of the body.</summary>
    private sealed class Followed(Stream body, byte[] after) : Stream
    {
        private readonly byte[] _last = new byte[4];
        private int _lastCount;
        private int _given;
        private bool _atEnd;

        public ReadOnlySpan<byte> Last => _last.AsSpan(0, _lastCount);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_atEnd)
            {
                var read = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (read > 0)
                {
                    Remember(buffer.Span[..read]);
                    return read;
                }

                _atEnd = buffer.Length > 0;
            }

            var count = Math.Min(buffer.Length, after.Length - _given);
            after.AsMemory(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private void Remember(ReadOnlySpan<byte> bytes)
        {
            foreach (var one in bytes.Length > _last.Length ? bytes[^_last.Length..] : bytes)
            {
                if (_lastCount == _last.Length)
                {
                    _last.AsSpan(1).CopyTo(_last);
                    _lastCount--;
                }

                _last[_lastCount++] = one;
            }
        }
    }
}
