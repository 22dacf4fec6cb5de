using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AgentOps.Rca.Storage;

/// <summary>
/// A search for part of a text without regard to the case of ASCII letters, as a regular expression: PostgreSQL's own
/// case-insensitive operators fold by the collation, so one filter would find other rows on other databases.
/// </summary>
internal static class TextSearch
{
    // What is longer is found by its beginning and compared as text: an expression of many thousand terms takes PostgreSQL seconds.
    private const int MaxExpressionLength = 100;

    /// <summary>An expression that every text containing <paramref name="part"/> matches.</summary>
    [return: NotNullIfNotNull(nameof(part))]
    public static string? ToRegularExpression(string? part)
    {
        if (part is null)
        {
            return null;
        }

        var expression = new StringBuilder(MaxExpressionLength * 4);
        foreach (var character in Beginning(part))
        {
            if (char.IsAsciiLetter(character))
            {
                expression.Append('[').Append(char.ToUpperInvariant(character)).Append(char.ToLowerInvariant(character)).Append(']');
            }
            else if (char.IsAscii(character) && !char.IsAsciiDigit(character))
            {
                expression.Append('\\').Append(character);
            }
            else
            {
                expression.Append(character);
            }
        }

        return expression.ToString();
    }

    /// <summary>The whole of a part that is longer than its expression, with ASCII letters in lower case, or null when it is not.</summary>
    public static string? ToLongText(string? part) => part?.Length > MaxExpressionLength ? AsciiText.ToLower(part) : null;

    /// <summary>Whether a text contains the part.</summary>
    public static bool Contains(string text, string part) => AsciiText.ToLower(text).Contains(AsciiText.ToLower(part), StringComparison.Ordinal);

    private static ReadOnlySpan<char> Beginning(string part)
    {
        if (part.Length <= MaxExpressionLength)
        {
            return part;
        }

        return part.AsSpan(0, char.IsHighSurrogate(part[MaxExpressionLength - 1]) ? MaxExpressionLength - 1 : MaxExpressionLength);
    }
}
