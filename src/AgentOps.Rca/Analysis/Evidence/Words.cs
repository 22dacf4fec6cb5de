using System.Globalization;
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
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= most ? line : line[..(char.IsHighSurrogate(line[most - 1]) ? most - 1 : most)] + "…";
    }

    public static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
