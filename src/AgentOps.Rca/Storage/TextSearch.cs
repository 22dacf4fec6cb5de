using System.Text;

namespace AgentOps.Rca.Storage;

/// <summary>
/// A search for part of a text without regard to the case of ASCII letters, as a regular expression: PostgreSQL's own
/// case-insensitive operators fold by the collation, so one filter would find other rows on other databases.
/// </summary>
internal static class TextSearch
{
    /// <summary>The expression that matches texts containing <paramref name="part"/>.</summary>
    public static string ToRegularExpression(string part)
    {
        var expression = new StringBuilder(part.Length * 4);
        foreach (var character in part)
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
}
