using System.Security.Cryptography;
using System.Text;

namespace AgentOps.Rca.Otlp;

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

    /// <summary>The same out of hexadecimal digits of either case.</summary>
    public static string? Id(string? text, int length) =>
        text is not null && text.Length == 2 * length && text.All(char.IsAsciiHexDigit) && text.AsSpan().ContainsAnyExcept('0')
            ? text.ToLowerInvariant()
            : null;

    /// <summary>At most so many characters, without cutting a pair of surrogates.</summary>
    public static string Cut(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>A name of at most so many characters. One that is cut ends with a mark made of the whole, so that two names stay two.</summary>
    public static string CutName(string name, int most)
    {
        if (name.Length <= most)
        {
            return name;
        }

        var mark = $"~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8))}";
        return Cut(name, most - mark.Length) + mark;
    }
}
