using System.Buffers;

namespace AgentOps.Rca.Artifacts;

/// <summary>Reads a structured field (RFC 9651) that is a dictionary of byte sequences. Parameters are checked and ignored.</summary>
internal ref struct StructuredDictionaryReader(string text)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private const string DecimalDigits = "0123456789";
    private const string UpperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly SearchValues<char> KeyStart = SearchValues.Create(Letters + "*");
    private static readonly SearchValues<char> KeyRest = SearchValues.Create(Letters + DecimalDigits + "_-.*");
    private static readonly SearchValues<char> Base64 = SearchValues.Create(Letters + UpperLetters + DecimalDigits + "+/=");
    private static readonly SearchValues<char> TokenRest =
        SearchValues.Create(Letters + UpperLetters + DecimalDigits + "!#$%&'*+-.^_`|~:/");

    private readonly string _text = text.Trim(' ');
    private int _at;
    private bool _started;

    /// <summary>What is wrong, or null while all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads the next member; false at the end and at the first mistake.</summary>
    public bool ReadMember(out string key, out byte[] value)
    {
        key = "";
        value = [];
        if (_at == _text.Length)
        {
            return false;
        }

        if (_started && !ReadComma())
        {
            return false;
        }

        _started = true;
        key = ReadKey();
        return Problem is null && ReadBytes(out value) && ReadParameters();
    }

    private bool ReadComma()
    {
        SkipWhile(static c => c is ' ' or '\t');
        if (!Take(','))
        {
            return Fail("a comma is expected");
        }

        SkipWhile(static c => c is ' ' or '\t');
        return _at < _text.Length || Fail("a comma must be followed by another member");
    }

    private string ReadKey()
    {
        var start = _at;
        if (_at == _text.Length || !KeyStart.Contains(_text[_at]))
        {
            Fail("a key in lower case is expected");
            return "";
        }

        SkipWhile(KeyRest.Contains);
        return _text[start.._at];
    }

    private bool ReadBytes(out byte[] value)
    {
        value = [];
        return Take('=') && Take(':') ? ReadBase64(out value) : Fail("a byte sequence, '=:base64:', is expected");
    }

    private bool ReadBase64(out byte[] value)
    {
        value = [];
        var start = _at;
        SkipWhile(Base64.Contains);
        var digits = _text[start.._at];
        if (!Take(':'))
        {
            return Fail("a byte sequence must be base64 and end with ':'");
        }

        // RFC 9651 asks readers to accept missing padding.
        var padded = digits.Contains('=', StringComparison.Ordinal) ? digits : digits.PadRight((digits.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64String(padded, bytes, out var length))
        {
            return Fail("a byte sequence is not base64");
        }

        value = bytes[..length];
        return true;
    }

    private bool ReadParameters()
    {
        while (Take(';'))
        {
            SkipWhile(static c => c is ' ');
            ReadKey();
            if (Problem is not null || (Take('=') && !ReadBareItem()))
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadBareItem()
    {
        var first = _at < _text.Length ? _text[_at] : '\0';
        if (first == '"')
        {
            return ReadQuoted();
        }

        if (first == ':')
        {
            _at++;
            return ReadBase64(out _);
        }

        if (first is '?' or '@')
        {
            _at++;
        }

        var start = _at;
        SkipWhile(TokenRest.Contains);
        return _at > start || Fail("a parameter's value is expected");
    }

    private bool ReadQuoted()
    {
        for (_at++; _at < _text.Length; _at++)
        {
            if (_text[_at] == '"')
            {
                _at++;
                return true;
            }

            if (_text[_at] == '\\')
            {
                _at++;
            }
        }

        return Fail("a text is not closed");
    }

    private bool Take(char c)
    {
        if (_at < _text.Length && _text[_at] == c)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void SkipWhile(Func<char, bool> matches)
    {
        while (_at < _text.Length && matches(_text[_at]))
        {
            _at++;
        }
    }

    private bool Fail(string reason)
    {
        _at = Math.Min(_at, _text.Length);
        Problem ??= $"{reason} at character {_at + 1}.";
        return false;
    }
}
