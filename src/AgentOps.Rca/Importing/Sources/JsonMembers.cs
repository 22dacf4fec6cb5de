using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Importing.Sources;

/// <summary>
/// Walks over a document of any size: gives the values of its root's members, and of those that are lists, and of a root that is one, each
/// item, with its bytes and its place. Only one value is held at a time.
/// </summary>
internal sealed class JsonMembers(Stream content, FilePlace start)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = ImportLimits.Depth };

    private byte[] _buffer = new byte[64 * 1024];
    private int _from;
    private int _end;
    private bool _isFinal;
    private long _offset = start.Offset;
    private long _line = start.Line;
    private State _state;
    private bool _isInList;
    private bool _isRootList;
    private FilePlace? _place;

    private enum State
    {
        Start,
        Within,
        End,
    }

    /// <summary>The member of the root under which the value stands; empty when the root is a list.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The number of the item, or -1 for a value that is no item.</summary>
    public int Index { get; private set; } = -1;

    /// <summary>The value; valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Value { get; private set; }

    /// <summary>Whether the value is longer than a record may be, and was passed over.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Where it begins.</summary>
    public FilePlace Place => _place ?? start;

    /// <summary>How far the document was read.</summary>
    public FilePlace At => start with { Line = _line, Offset = _offset };

    /// <summary>Reads the next value that is wanted; false at the end.</summary>
    public async ValueTask<bool> ReadAsync(Predicate<string> wants, CancellationToken cancellationToken)
    {
        if (_state == State.Start)
        {
            await StartAsync(cancellationToken).ConfigureAwait(false);
        }

        while (_state == State.Within)
        {
            var next = await NextAsync(cancellationToken).ConfigureAwait(false);
            if (next == (_isInList || _isRootList ? ']' : '}'))
            {
                Skip(1);
                if (_isInList && !_isRootList)
                {
                    _isInList = false;
                    continue;
                }

                _state = State.End;
                break;
            }

            if (next == ',')
            {
                Skip(1);
                continue;
            }

            if (_isInList || _isRootList)
            {
                Index++;
            }
            else
            {
                await ReadNameAsync(cancellationToken).ConfigureAwait(false);
                if (await NextAsync(cancellationToken).ConfigureAwait(false) == '[' && wants(Name))
                {
                    Skip(1);
                    _isInList = true;
                    continue;
                }
            }

            if (await ReadValueAsync(wants(Name), cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        while (_end < 3 && !_isFinal)
        {
            await FillAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8))
        {
            Skip(3);
        }

        var root = await NextAsync(cancellationToken).ConfigureAwait(false);
        _isRootList = root == (byte)'[';
        _state = root is (byte)'[' or (byte)'{' ? State.Within : throw Broken("The document is neither an object nor a list.");
        Skip(1);
    }

    // The first byte that is no white space.
    private async ValueTask<byte> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var at = _buffer.AsSpan(_from, _end - _from).IndexOfAnyExcept(" \t\r\n"u8);
            if (at >= 0)
            {
                Skip(at);
                return _buffer[_from];
            }

            Skip(_end - _from);
            if (_isFinal)
            {
                throw Broken("The document breaks off.");
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask ReadNameAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_from, _end - _from), _isFinal, new JsonReaderState(Options));
            if (TryRead(ref reader))
            {
                if (reader.TokenType != JsonTokenType.String)
                {
                    throw Broken("A member's name is expected.");
                }

                Name = NameOf(ref reader);
                Index = -1;
                Skip((int)reader.BytesConsumed);
                break;
            }

            await MoreAsync(cancellationToken).ConfigureAwait(false);
        }

        if (await NextAsync(cancellationToken).ConfigureAwait(false) != ':')
        {
            throw Broken("A colon is expected after a member's name.");
        }

        Skip(1);
    }

    // True with a value, false when it was passed over.
    private async ValueTask<bool> ReadValueAsync(bool wanted, CancellationToken cancellationToken)
    {
        _place = start with { Line = _line, Offset = _offset, Pointer = (start.Pointer ?? "") + PointerHere() };
        (IsTooLong, Value) = (false, default);
        var end = default(ValueEnd);
        int length;
        while (!end.TryFind(_buffer.AsSpan(_from, _end - _from), _isFinal, out length))
        {
            IsTooLong |= wanted && _end - _from > ImportLimits.RecordBytes;
            if (!wanted || IsTooLong)
            {
                // It is not kept, so what was passed is let go of.
                Skip(length);
                end.Forget(length);
            }

            await MoreAsync(cancellationToken).ConfigureAwait(false);
        }

        Value = wanted && !IsTooLong ? _buffer.AsMemory(_from, length) : default;
        Skip(length);
        return wanted;
    }

    private static bool TryRead(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (JsonException)
        {
            throw Broken("The document is no JSON from here on.");
        }
    }

    private static string NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A name that cannot be decoded is none that anybody asks for.
            return "\uFFFD";
        }
    }

    private string PointerHere() =>
        (_isRootList ? "" : JsonPointers.Step(Name)) + (Index < 0 ? "" : "/" + Index.ToString(CultureInfo.InvariantCulture));

    private void Skip(int count)
    {
        _line += _buffer.AsSpan(_from, count).Count((byte)'\n');
        _offset += count;
        _from += count;
    }

    private async ValueTask MoreAsync(CancellationToken cancellationToken)
    {
        if (_isFinal)
        {
            throw Broken("The document breaks off.");
        }

        await FillAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _end - _from).CopyTo(_buffer);
            (_from, _end) = (0, _end - _from);
        }

        if (_end > _buffer.Length / 2)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await content.ReadAtLeastAsync(_buffer.AsMemory(_end), _buffer.Length - _end, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        _isFinal = read < _buffer.Length - _end;
        _end += read;
    }

    private static BrokenDocumentException Broken(string message) => new(message);
}
