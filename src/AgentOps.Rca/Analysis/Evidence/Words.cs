using System.Globalization;
using System.Text;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>Amounts and times as a person reads them.</summary>
internal static class Words
{
    public static string Duration(double nanoseconds) => nanoseconds switch
    {
        < 1_000_000 => Invariant($"{nanoseconds / 1_000_000:0.###} ms"),
        < 1_000_000_000 => Invariant($"{nanoseconds / 1_000_000:0.#} ms"),
        < 60_000_000_000 => Invariant($"{nanoseconds / 1_000_000_000:0.##} s"),
        < 3_600_000_000_000 => Invariant($"{nanoseconds / 60_000_000_000:0.#} min"),
        _ => Invariant($"{nanoseconds / 3_600_000_000_000:0.#} h"),
    };

    public static string Clock(long nanoseconds) =>
        EpochUnit.ToInstant(nanoseconds).ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Whether a time was put in for one that is not known, so that no sentence tells it; version 3 told it.</summary>
    public static bool IsUnknown(long nanoseconds) => UnknownTime.Is(nanoseconds) && !MethodVersion.IsBefore(4);

    /// <summary>When a call failed: when it ended, which before version 5 was told as when it began.</summary>
    public static long FailedNs(SpanNode node) => MethodVersion.IsBefore(5) ? node.StartNs : node.EndNs;

    /// <summary>When something was, with the word before it; nothing where that is not known.</summary>
    public static string At(long nanoseconds) => IsUnknown(nanoseconds) ? "" : $" at {Clock(nanoseconds)}";

    /// <summary>When something was first, with the words before it; nothing where that is not known.</summary>
    public static string FirstAt(long nanoseconds) => IsUnknown(nanoseconds) ? "" : $", the first at {Clock(nanoseconds)}";

    /// <summary>The two times between which something was, with the words; nothing where they are not known.</summary>
    public static string Between(long from, long until, string before = " between ", string middle = " and ") =>
        IsUnknown(from) || IsUnknown(until) ? "" : $"{before}{Clock(from)}{middle}{Clock(until)}";

    /// <summary>How long it took from one step to another, with the words around it; nothing where the times are not known.</summary>
    public static string Passed(string before, long from, long until, string after = "") =>
        IsUnknown(from) || IsUnknown(until) ? "" : $"{before}{Duration(until - from)}{after}";

    public static string Times(long count) => count switch
    {
        1 => "once",
        2 => "twice",
        _ => Invariant($"{count} times"),
    };

    /// <summary>How many there are, with the word for one or for several.</summary>
    public static string Count(long count, string one, string? several = null) => Invariant($"{count} {(count == 1 ? one : several ?? one + "s")}");

    public static string Percent(double share) => Invariant($"{share * 100:0.#} %");

    /// <summary>Text of unknown origin on one line and of bounded length.</summary>
    public static string Short(string text, int most = 160)
    {
        var line = OneLine(text).Trim();
        return line.Length <= most ? line : line[..CutOf(line, most)] + "…";
    }

    // Half of an address is no address to whoever masks them, and still says whose it is.
    private static int CutOf(string line, int most)
    {
        var start = line.LastIndexOf(' ', most - 1) + 1;
        var end = line.IndexOf(' ', most) is >= 0 and var space ? space : line.Length;
        return start > 0 && line.AsSpan(start, end - start).Contains('@') && !MethodVersion.IsBefore(5) ? start
            : char.IsHighSurrogate(line[most - 1]) ? most - 1 : most;
    }

    /// <summary>A name of unknown origin: on one line, and cut with a mark made of the whole, so that long names that differ stay different.</summary>
    public static string Name(string name)
    {
        const int most = 80;
        return OtlpText.Cut(OneLine(name).Trim(), most);
    }

    /// <summary>
    /// Text on one line: line breaks and other white space are one space each run, and characters that steer what is shown, of control and of
    /// the direction of writing, stand as their escapes.
    /// </summary>
    public static string OneLine(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !text.Contains("  ", StringComparison.Ordinal))
        {
            return text;
        }

        var line = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                line.Append(line.Length > 0 && line[^1] == ' ' ? "" : " ");
            }
            else if (char.IsControl(character) || IsDirection(character))
            {
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                line.Append(character);
            }
        }

        return line.ToString();
    }

    private static bool IsDirection(char character) =>
        character is '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    public static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
