using System.Buffers;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>A body while it comes: in pieces that are used again, so that one which turns out to be too large has cost nothing that must be collected.</summary>
internal sealed class BodyBuffer : IDisposable
{
    private const int Piece = 64 * 1024;
    private const int PiecesKept = 128;

    // The shared pool keeps some of each size for every thread; this one keeps 8 MiB in all.
    private static readonly ArrayPool<byte> Pieces = ArrayPool<byte>.Create(Piece, PiecesKept);

    private readonly List<byte[]> _full = [];
    private readonly byte[]? _whole;
    private byte[] _last;
    private int _filled;

    /// <summary>Makes one.</summary>
    /// <param name="length">How many bytes come, when it is known: then they are in one piece from the beginning.</param>
    public BodyBuffer(long? length = null)
    {
        _whole = length is > 0 and <= int.MaxValue ? new byte[length.Value] : null;
        _last = _whole ?? Pieces.Rent(Piece);
    }

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
                _last = Pieces.Rent(Piece);
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

    /// <summary>Copies bytes into it.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var rest = Rest.Span;
            var count = Math.Min(rest.Length, bytes.Length);
            bytes[..count].CopyTo(rest);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>All of it in one piece.</summary>
    public byte[] ToArray()
    {
        if (Length == _whole?.Length)
        {
            return _whole;
        }

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
        foreach (var piece in _full.Append(_last).Where(piece => piece.Length > 0 && piece != _whole))
        {
            Pieces.Return(piece);
        }

        _full.Clear();
        _last = [];
    }
}
