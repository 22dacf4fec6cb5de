namespace AgentOps.Rca.Importing.Sources;

/// <summary>
/// Reads lines of bytes and knows where each one lies. The last one needs no end, and of one that is too long nothing is kept but its place.
/// </summary>
internal sealed class ImportLines(Stream content)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private long _next;

    /// <summary>The number of the line, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Where the line begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether the line is longer than a record may be.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The line without its end; valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Reads the next line; false at the end.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        Offset = _next;
        IsTooLong = false;
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                return Take(searched + found, end: 1);
            }

            searched = _end - _start;
            if (searched > ImportLimits.RecordBytes)
            {
                IsTooLong = true;
                _next += searched;
                (_start, _end, searched) = (0, 0, 0);
            }

            MakeRoom();
            var read = await content.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return (searched > 0 || IsTooLong) && Take(searched, end: 0);
            }

            _end += read;
        }
    }

    private bool Take(int length, int end)
    {
        Line = _buffer.AsMemory(_start, length);
        _start += length + end;
        _next += length + end;
        Number++;
        return true;
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
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
