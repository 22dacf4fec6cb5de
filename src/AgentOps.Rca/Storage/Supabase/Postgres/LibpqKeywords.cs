using System.Text;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>Reads libpq's other form of a connection string: <c>host=db.example port=5432 user=postgres password='a b' dbname=postgres</c>.</summary>
internal static class LibpqKeywords
{
    /// <summary>The pairs in their order; null when the text is not of this form.</summary>
    /// <param name="text">The setting.</param>
    public static List<(string Key, string Value)>? TryRead(string text)
    {
        List<(string Key, string Value)> pairs = [];
        var place = 0;
        while (true)
        {
            Skip(text, ref place);
            if (place == text.Length)
            {
                return pairs.Count > 0 ? pairs : null;
            }

            var start = place;
            while (place < text.Length && (char.IsAsciiLetterOrDigit(text[place]) || text[place] == '_'))
            {
                place++;
            }

            var key = text[start..place].ToLowerInvariant();
            Skip(text, ref place);
            if (key.Length == 0 || place == text.Length || text[place++] != '=')
            {
                return null;
            }

            Skip(text, ref place);
            if (ReadValue(text, ref place) is not { } value)
            {
                return null;
            }

            pairs.Add((key, value));
        }
    }

    private static string? ReadValue(string text, ref int place)
    {
        var quoted = place < text.Length && text[place] == '\'';
        if (quoted)
        {
            place++;
        }

        var value = new StringBuilder();
        for (; place < text.Length; place++)
        {
            if (quoted ? text[place] == '\'' : char.IsWhiteSpace(text[place]))
            {
                place++;
                return value.ToString();
            }

            if (text[place] == '\\' && place + 1 < text.Length)
            {
                place++;
            }

            value.Append(text[place]);
        }

        return quoted ? null : value.ToString();
    }

    private static void Skip(string text, ref int place)
    {
        while (place < text.Length && char.IsWhiteSpace(text[place]))
        {
            place++;
        }
    }
}
