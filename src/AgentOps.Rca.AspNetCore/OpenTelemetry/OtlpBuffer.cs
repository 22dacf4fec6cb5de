using System.Buffers;

namespace AgentOps.Rca.AspNetCore.OpenTelemetry;

/// <summary>A body while it is unpacked: in pieces that are used again, so that one which turns out to be too large has cost nothing that must be collected.</summary>
internal sealed class OtlpBuffer : IDisposable
{
    private const int SmallestPiece = 64 * 1024;
    private const int LargestPiece = 1024 * 1024;

    private readonly List<byte[]> _full = [];
    private byte[] _last = ArrayPool<byte>.Shared.Rent(SmallestPiece);
    private int _filled;

    /// <summary>How many bytes it holds.</summary>
    public long Length { get; private set; }

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Rest
    {
        get
        {
            if (_filled == _last.Length)
            {
                _full.Add(_last);
                _last = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(Length, SmallestPiece, LargestPiece));
                _filled = 0;
            }

            return _last.AsMemory(_filled);
        }
    }

    /// <summary>Takes the bytes that were written there.</summary>
    public void Advance(int count)
    {
        _filled += count;
        Length += count;
    }

    /// <summary>All of it in one piece.</summary>
    public byte[] ToArray()
    {
        var whole = new byte[Length];
        var place = 0;
        foreach (var piece in _full)
        {
            piece.CopyTo(whole, place);
            place += piece.Length;
        }

        _last.AsSpan(0, _filled).CopyTo(whole.AsSpan(place));
        return whole;
    }

    public void Dispose()
    {
        foreach (var piece in _full)
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        ArrayPool<byte>.Shared.Return(_last);
        _full.Clear();
        _last = [];
    }
}
