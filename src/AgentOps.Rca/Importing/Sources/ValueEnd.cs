using System.Buffers;

namespace AgentOps.Rca.Importing.Sources;

/// <summary>
/// Finds where a JSON value ends, piece by piece, by its brackets and texts alone: what is within it is looked at by whoever parses it, so that a
/// fault in one value costs that value only.
/// </summary>
internal struct ValueEnd
{
    private static readonly SearchValues<byte> Marks = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> AfterScalar = SearchValues.Create(",]} \t\r\n"u8);

    private UInt128 _lower;
    private UInt128 _upper;
    private int _depth;
    private bool _isText;
    private bool _isEscaped;
    private bool _isScalar;

    /// <summary>How far it has looked, from the first byte of the value on.</summary>
    public int Looked { get; private set; }

    /// <summary>Tells it that bytes before were let go of.</summary>
    public void Forget(int count) => Looked -= count;

    /// <summary>Goes on looking.</summary>
    /// <param name="json">The value from its first byte on that was not forgotten, as much of it as there is.</param>
    /// <param name="isFinal">Whether nothing comes after it.</param>
    /// <param name="length">How long it is.</param>
    /// <returns>Whether it ends here.</returns>
    /// <exception cref="BrokenDocumentException">Its brackets do not fit each other.</exception>
    public bool TryFind(ReadOnlySpan<byte> json, bool isFinal, out int length)
    {
        while (Looked < json.Length)
        {
            if (_isText ? PassText(json) : _isScalar ? PassScalar(json) : PassMarks(json))
            {
                length = Looked;
                return true;
            }
        }

        length = Looked;
        return isFinal && _isScalar;
    }

    private bool PassText(ReadOnlySpan<byte> json)
    {
        if (_isEscaped)
        {
            Looked++;
            _isEscaped = false;
            return false;
        }

        var at = json[Looked..].IndexOfAny((byte)'"', (byte)'\\');
        if (at < 0)
        {
            Looked = json.Length;
            return false;
        }

        Looked += at + 1;
        _isEscaped = json[Looked - 1] == (byte)'\\';
        _isText = _isEscaped;
        return !_isText && _depth == 0;
    }

    private bool PassScalar(ReadOnlySpan<byte> json)
    {
        var at = json[Looked..].IndexOfAny(AfterScalar);
        Looked = at < 0 ? json.Length : Looked + at;
        return at >= 0;
    }

    private bool PassMarks(ReadOnlySpan<byte> json)
    {
        if (_depth == 0 && !Marks.Contains(json[Looked]))
        {
            _isScalar = true;
            return false;
        }

        var at = json[Looked..].IndexOfAny(Marks);
        if (at < 0)
        {
            Looked = json.Length;
            return false;
        }

        Looked += at + 1;
        switch (json[Looked - 1])
        {
            case (byte)'"':
                _isText = true;
                return false;
            case (byte)'{':
                Open(isObject: true);
                return false;
            case (byte)'[':
                Open(isObject: false);
                return false;
            case var mark:
                Close(isObject: mark == (byte)'}');
                return _depth == 0;
        }
    }

    private void Open(bool isObject)
    {
        if (_depth == ImportLimits.Depth)
        {
            throw new BrokenDocumentException($"The document nests deeper than {ImportLimits.Depth}.");
        }

        _depth++;
        _upper = (_upper << 1) | (_lower >> 127);
        _lower = (_lower << 1) | (isObject ? UInt128.One : UInt128.Zero);
    }

    private void Close(bool isObject)
    {
        if (_depth == 0 || ((_lower & UInt128.One) != UInt128.Zero) != isObject)
        {
            throw new BrokenDocumentException("The document is no JSON from here on.");
        }

        _depth--;
        _lower = (_lower >> 1) | (_upper << 127);
        _upper >>= 1;
    }
}
