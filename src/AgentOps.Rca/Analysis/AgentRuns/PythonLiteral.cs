using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// What <c>str()</c> of Python makes of a dictionary or a list (<c>{'id': 7, 'done': True}</c>), as JSON: agents in Python give their tools' results
/// back in that form, and LangChain records what tools were given so.
/// Grammar: https://docs.python.org/3/reference/lexical_analysis.html#literals, without prefixes, sets and calls such as <c>datetime(…)</c>.
/// </summary>
internal ref struct PythonLiteral
{
    private const int MostText = 1024 * 1024;
    private const int MostDepth = 64;

    private readonly ReadOnlySpan<char> _text;
    private readonly Utf8JsonWriter _json;
    private int _at;

    private PythonLiteral(ReadOnlySpan<char> text, Utf8JsonWriter json)
    {
        _text = text;
        _json = json;
    }

    /// <summary>The JSON in UTF-8; null when the text is no such literal.</summary>
    public static byte[]? ToJson(string text)
    {
        var trimmed = text.AsSpan().Trim();
        if (trimmed.Length > MostText || !(trimmed.StartsWith("{'", StringComparison.Ordinal) || trimmed.StartsWith("[{'", StringComparison.Ordinal) || trimmed.StartsWith("['", StringComparison.Ordinal)))
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>(trimmed.Length);
        using var json = new Utf8JsonWriter(buffer);
        var reader = new PythonLiteral(trimmed, json);
        if (!reader.Value(0) || reader.Skip() != '\0')
        {
            return null;
        }

        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    // The next character that is no space; the end is a zero.
    private char Skip()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }

        return _at < _text.Length ? _text[_at] : '\0';
    }

    private bool Take(char wanted)
    {
        if (Skip() != wanted)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool Value(int depth)
    {
        switch (Skip())
        {
            case '{':
                return depth < MostDepth && Dictionary(depth);
            case '[':
                return depth < MostDepth && List(']', depth);
            case '(':
                return depth < MostDepth && List(')', depth);
            case '\'' or '"':
                if (Text() is not { } text)
                {
                    return false;
                }

                _json.WriteStringValue(text);
                return true;
            default:
                return Word();
        }
    }

    private bool Dictionary(int depth)
    {
        _at++;
        _json.WriteStartObject();
        while (Skip() != '}')
        {
            if (Skip() is not ('\'' or '"') || Text() is not { } name || !Take(':'))
            {
                return false;
            }

            _json.WritePropertyName(name);
            if (!Value(depth + 1) || (!Take(',') && Skip() != '}'))
            {
                return false;
            }
        }

        _at++;
        _json.WriteEndObject();
        return true;
    }

    private bool List(char end, int depth)
    {
        _at++;
        _json.WriteStartArray();
        while (Skip() != end)
        {
            if (!Value(depth + 1) || (!Take(',') && Skip() != end))
            {
                return false;
            }
        }

        _at++;
        _json.WriteEndArray();
        return true;
    }

    private string? Text()
    {
        var quote = _text[_at++];
        StringBuilder? escaped = null;
        var start = _at;
        while (_at < _text.Length)
        {
            if (_text[_at] == quote)
            {
                var rest = _text[start.._at++];
                return escaped is null ? rest.ToString() : escaped.Append(rest).ToString();
            }

            if (_text[_at] == '\\')
            {
                escaped = (escaped ?? new StringBuilder()).Append(_text[start.._at]);
                if (!Escape(escaped))
                {
                    return null;
                }

                start = _at;
                continue;
            }

            _at++;
        }

        return null;
    }

    private bool Escape(StringBuilder text)
    {
        var letter = _at + 1 < _text.Length ? _text[_at + 1] : '\0';
        _at += 2;
        var digits = letter switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (_at + digits > _text.Length || !int.TryParse(_text.Slice(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code is < 0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF))
            {
                return false;
            }

            _at += digits;
            text.Append(char.ConvertFromUtf32(code));
            return true;
        }

        char? plain = letter switch { 'n' => '\n', 't' => '\t', 'r' => '\r', '\\' or '\'' or '"' => letter, _ => null };
        if (plain is null)
        {
            return false;
        }

        text.Append(plain);
        return true;
    }

    private bool Word()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '.' or '-' or '+' or '_'))
        {
            _at++;
        }

        var word = _text[start.._at];
        switch (word)
        {
            case "True" or "False":
                _json.WriteBooleanValue(word is "True");
                return true;
            case "None":
                _json.WriteNullValue();
                return true;
            case [(>= '0' and <= '9') or '-', ..] when double.TryParse(word, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                return Number(word);
            default:
                return false;
        }
    }

    // As it is written, where JSON has that form too.
    private readonly bool Number(ReadOnlySpan<char> word)
    {
        try
        {
            _json.WriteRawValue(word);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
