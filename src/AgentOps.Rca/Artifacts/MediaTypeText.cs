using System.Buffers;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// Media types by the grammar of RFC 9110, section 8.3.1, in visible ASCII: what every header can carry. The type of an artifact comes
/// from outside and goes back out as a header, so it is looked at when it comes in, by every way in.
/// </summary>
internal static class MediaTypeText
{
    /// <summary>How many characters one may have.</summary>
    public const int MaxLength = 255;

    /// <summary>The type of bytes of which no more is known.</summary>
    public const string Unknown = "application/octet-stream";

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether the text is a media type of something, and not a range such as <c>text/*</c>.</summary>
    public static bool IsValid(string? text)
    {
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        var rest = text.AsSpan().Trim(' ');
        if (!TakeToken(ref rest, out var type) || !TakeOne(ref rest, '/') || !TakeToken(ref rest, out var subtype) || type is "*" || subtype is "*")
        {
            return false;
        }

        while (true)
        {
            rest = rest.TrimStart(' ');
            if (rest.IsEmpty)
            {
                return true;
            }

            if (!TakeOne(ref rest, ';'))
            {
                return false;
            }

            // The grammar allows a semicolon without a parameter.
            rest = rest.TrimStart(' ');
            if (!rest.IsEmpty && rest[0] != ';' && !TakeParameter(ref rest))
            {
                return false;
            }
        }
    }

    /// <summary>The text when it is a media type, else the type of unknown bytes: rows that were stored before may say anything.</summary>
    public static string OrUnknown(string text) => IsValid(text) ? text : Unknown;

    private static bool TakeParameter(ref ReadOnlySpan<char> rest) =>
        TakeToken(ref rest, out _) && TakeOne(ref rest, '=') && (rest is ['"', ..] ? TakeQuoted(ref rest) : TakeToken(ref rest, out _));

    private static bool TakeQuoted(ref ReadOnlySpan<char> rest)
    {
        for (var i = 1; i < rest.Length && rest[i] is >= ' ' and <= '~'; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return true;
            }

            if (rest[i] == '\\' && (++i == rest.Length || rest[i] is < ' ' or > '~'))
            {
                return false;
            }
        }

        return false;
    }

    private static bool TakeToken(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> token)
    {
        var end = rest.IndexOfAnyExcept(TokenCharacters);
        token = end < 0 ? rest : rest[..end];
        rest = rest[token.Length..];
        return token.Length > 0;
    }

    private static bool TakeOne(ref ReadOnlySpan<char> rest, char one)
    {
        if (rest.IsEmpty || rest[0] != one)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }
}
