using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>Texts and ids as the stores keep them.</summary>
internal static class OtlpText
{
    /// <summary>The text with U+FFFD for what no store keeps: U+0000, and halves of surrogate pairs.</summary>
    public static string Clean(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            text = text.Replace('\0', '\uFFFD');
        }

        return text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? string.Concat(text.EnumerateRunes()) : text;
    }

    /// <summary>An id of this many bytes in lowercase hexadecimal; null when it is missing, of another length or all zero.</summary>
    public static string? Id(ReadOnlySpan<byte> bytes, int length) =>
        bytes.Length == length && bytes.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(bytes) : null;

    /// <summary>The same out of hexadecimal digits of either case, or out of base64, as other writers of JSON have it.</summary>
    public static string? Id(string? text, int length) => text is not null && TryReadId(text, length, out var id) ? id : null;

    /// <summary>Whether the text has the form of an id; the id is null when it is all zero, which stands for none.</summary>
    public static bool TryReadId(string text, int length, out string? id)
    {
        id = null;
        if (text.Length == 2 * length && text.All(char.IsAsciiHexDigit))
        {
            id = text.AsSpan().ContainsAnyExcept('0') ? text.ToLowerInvariant() : null;
            return true;
        }

        // With its padding, base64 of so many bytes is neither as long as hexadecimal digits nor made of them.
        Span<byte> bytes = stackalloc byte[length];
        if (text.Length == (length + 2) / 3 * 4 && text[^1] == '='
            && Convert.TryFromBase64String(text.Replace('-', '+').Replace('_', '/'), bytes, out var count) && count == length)
        {
            id = Id(bytes, length);
            return true;
        }

        return false;
    }

    /// <summary>
    /// At most so many characters, without cutting a pair of surrogates. What is cut ends with a mark made of the whole text, so that
    /// different texts stay different.
    /// </summary>
    public static string Cut(string text, int most)
    {
        const int markBytes = 6;
        if (text.Length <= most)
        {
            return text;
        }

        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, markBytes));
        return $"{Shorten(text, most - mark.Length - 2)}~{mark}";
    }

    /// <summary>At most so many characters and an ellipsis, to be shown.</summary>
    public static string Shorten(string text, int most) =>
        text.Length <= most ? text : $"{text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)}…";

    /// <summary>What a text in JSON says, with U+FFFD for each half of a surrogate pair, which the framework refuses to read.</summary>
    /// <param name="escaped">What stands between the quotes, of JSON that was parsed.</param>
    public static string Unescape(ReadOnlySpan<char> escaped)
    {
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }

            i++;
            text.Append(escaped[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(escaped.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                var other => other,
            });
            i += escaped[i] == 'u' ? 4 : 0;
        }

        return Clean(text.ToString());
    }
}
