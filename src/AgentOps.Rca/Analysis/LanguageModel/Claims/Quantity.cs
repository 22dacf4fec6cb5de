using System.Collections.Frozen;
using System.Globalization;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>A figure with its unit; times are in nanoseconds, shares in percent.</summary>
/// <param name="Value">The figure in the base unit.</param>
/// <param name="Unit">The kind of unit: <c>time</c>, <c>percent</c>, a currency, <c>bytes</c>, or empty.</param>
/// <param name="Step">The smallest difference that its digits can tell, in the base unit.</param>
/// <param name="Noun">What is counted, as a stem, or null.</param>
internal sealed record Quantity(decimal Value, string Unit, decimal Step, string? Noun = null)
{
    public const string Time = "time";

    private static readonly FrozenDictionary<string, (string Unit, decimal Factor)> Units = Read(
        ("ns nanosecond nanoseconds", Time, 1m), ("us µs microsecond microseconds", Time, 1_000m), ("ms millisecond milliseconds msec msecs", Time, 1_000_000m),
        ("s sec secs second seconds", Time, 1_000_000_000m), ("min mins minute minutes", Time, 60_000_000_000m), ("h hr hrs hour hours", Time, 3_600_000_000_000m),
        ("day days", Time, 86_400_000_000_000m), ("% percent", "percent", 1m), ("usd dollar dollars", "usd", 1m), ("eur euro euros", "eur", 1m),
        ("gbp pound pounds", "gbp", 1m), ("b byte bytes", "bytes", 1m), ("kb kib kilobytes", "bytes", 1024m), ("mb mib megabytes", "bytes", 1024m * 1024m),
        ("gb gib gigabytes", "bytes", 1024m * 1024m * 1024m), ("cent cents", "cent", 1m));

    private static readonly FrozenDictionary<string, decimal> Words = new Dictionary<string, decimal>
    {
        ["zero"] = 0,
        ["two"] = 2,
        ["three"] = 3,
        ["four"] = 4,
        ["five"] = 5,
        ["six"] = 6,
        ["seven"] = 7,
        ["eight"] = 8,
        ["nine"] = 9,
        ["ten"] = 10,
        ["eleven"] = 11,
        ["twelve"] = 12,
        ["thirteen"] = 13,
        ["fourteen"] = 14,
        ["fifteen"] = 15,
        ["sixteen"] = 16,
        ["seventeen"] = 17,
        ["eighteen"] = 18,
        ["nineteen"] = 19,
        ["twenty"] = 20,
        ["thirty"] = 30,
        ["forty"] = 40,
        ["fifty"] = 50,
        ["sixty"] = 60,
        ["seventy"] = 70,
        ["eighty"] = 80,
        ["ninety"] = 90,
        ["dozen"] = 12,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, decimal> Fractions = new Dictionary<string, decimal>
    {
        ["half"] = 0.5m,
        ["third"] = 1m / 3,
        ["quarter"] = 0.25m,
        ["fifth"] = 0.2m,
        ["tenth"] = 0.1m,
        ["hundredth"] = 0.01m,
        ["thousandth"] = 0.001m,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static decimal? WordValue(string word) => Words.TryGetValue(word, out var value) ? value : null;

    public static decimal? FractionValue(string word) => Fractions.TryGetValue(word, out var value) ? value : null;

    /// <summary>The unit that a word is, or null.</summary>
    public static (string Unit, decimal Factor)? UnitOf(string word) => Units.TryGetValue(word.TrimEnd('.'), out var unit) ? unit : null;

    /// <summary>Reads digits; null when they are too long for a figure.</summary>
    public static Quantity? Parse(string digits, string? unit)
    {
        var plain = digits.Replace(",", "", StringComparison.Ordinal);
        if (!decimal.TryParse(plain, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return null;
        }

        var point = plain.IndexOf('.', StringComparison.Ordinal);
        var step = 1m;
        for (var i = point < 0 ? plain.Length : point + 1; i < plain.Length; i++)
        {
            step /= 10;
        }

        var known = unit is null ? null : UnitOf(unit);
        try
        {
            return known is { } at ? new Quantity(value * at.Factor, at.Unit, step * at.Factor) : new Quantity(value, "", step);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>Whether a figure of the records, rounded as this one is, is this one.</summary>
    public bool IsRounded(Quantity exact) => Unit == exact.Unit && Math.Abs(Value - exact.Value) <= (Step < exact.Step ? 0 : Step / 2) && (Step >= exact.Step || Value == exact.Value);

    private static FrozenDictionary<string, (string, decimal)> Read(params ReadOnlySpan<(string Words, string Unit, decimal Factor)> units)
    {
        var known = new Dictionary<string, (string, decimal)>(StringComparer.OrdinalIgnoreCase);
        foreach (var (words, unit, factor) in units)
        {
            foreach (var word in words.Split(' '))
            {
                known.Add(word, (unit, factor));
            }
        }

        return known.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
