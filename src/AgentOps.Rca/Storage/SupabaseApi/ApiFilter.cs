using System.Globalization;
using System.Text;

namespace AgentOps.Rca.Storage.SupabaseApi;

/// <summary>Writes values the way PostgREST reads them in a query.</summary>
internal static class ApiFilter
{
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
}
