using System.Globalization;
using System.Text;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>Writes values the way PostgREST reads them in a query.</summary>
internal static class ApiFilter
{
    /// <summary>
    /// How much of a reply's header the texts of a filter may take. PostgREST repeats the query there, and a gateway with nginx's stock
    /// buffers answers 502 when its headers exceed 4 KiB.
    /// </summary>
    public const int HeaderRoom = 2_400;

    // The texts of one filter are at most five: three columns and twice the search, or two columns and the place to go on from.
    private const int RoomOfOne = HeaderRoom / 5;

    /// <summary>What a text takes in that header.</summary>
    public static int CostInHeader(string text)
    {
        var cost = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            cost += Cost(rune);
        }

        return cost;
    }

    /// <summary>As much of the beginning of a text as there is room for; the text itself when that is all of it.</summary>
    public static string Beginning(string text)
    {
        var room = RoomOfOne;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            room -= Cost(rune);
            if (room < 0)
            {
                return text[..length];
            }

            length += rune.Utf16SequenceLength;
        }

        return text;
    }

    /// <summary>
    /// The filter <c>column=eq.value</c>; of a value without room in a header, only its beginning, so the caller compares what it reads.
    /// </summary>
    public static string IsEqual(string column, string value)
    {
        var beginning = Beginning(value);
        // Its wildcards match themselves too; only the escape does not.
        return beginning.Length == value.Length
            ? $"{column}=eq.{Value(value)}"
            : $"{column}=like.{Value(beginning.Replace("\\", "\\\\", StringComparison.Ordinal))}*";
    }

    /// <summary>A value that stands alone behind its operator, such as in <c>tool=eq.…</c>: only the URL's own escapes.</summary>
    public static string Value(string value) => Uri.EscapeDataString(value);

    /// <summary>A value inside brackets, such as in <c>in.(…)</c> or <c>or=(…)</c>: quoted, so that commas and brackets mean nothing.</summary>
    public static string Quoted(string value)
    {
        var quoted = new StringBuilder(value.Length + 2).Append('"');
        foreach (var character in value)
        {
            if (character is '"' or '\\')
            {
                quoted.Append('\\');
            }

            quoted.Append(character);
        }

        return Uri.EscapeDataString(quoted.Append('"').ToString());
    }

    /// <summary>A time, to the microsecond.</summary>
    public static string Time(DateTimeOffset time) =>
        Uri.EscapeDataString(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));

    /// <summary>A number.</summary>
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    // Each byte outside ASCII comes back as two, and each of them as three characters.
    private static int Cost(Rune rune) => !rune.IsAscii ? 6 * rune.Utf8SequenceLength
        : char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '-' or '_' or '.' or '~' ? 1 : 3;
}
