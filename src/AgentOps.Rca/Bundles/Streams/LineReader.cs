namespace AgentOps.Rca.Bundles.Streams;

/// <summary>Reads lines of bytes, each of which ends with a line feed, and knows where each one lies.</summary>
internal sealed class LineReader(Stream content)
{
    // No span or row that a store holds comes near it; it bounds what a hostile file can take.
    private const int MostLine = 64 * 1024 * 1024;

    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private long _next;

    /// <summary>Where the line begins.</summary>
    public long Offset { get; private set; }

    /// <summary>The line without its end; valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Reads the next line.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">The last line has no end, or a line is too long.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        Offset = _next;
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                Line = _buffer.AsMemory(_start, searched + found);
                _start += searched + found + 1;
                _next += searched + found + 1;
                return true;
            }

            searched = _end - _start;
            MakeRoom();
            var read = await content.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return searched == 0 ? false : throw new InvalidDataException("The last line has no end.");
            }

            _end += read;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_end >= MostLine)
            {
                throw new InvalidDataException("A line is too long.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
