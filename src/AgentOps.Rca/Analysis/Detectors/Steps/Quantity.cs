using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A number in a text, with the unit or the currency that stands beside it.</summary>
/// <param name="Value">The number.</param>
/// <param name="Unit">The unit in its common spelling, or null.</param>
/// <param name="Text">Number and unit as they are written.</param>
/// <param name="Index">Where they begin.</param>
internal sealed partial record Quantity(double Value, string? Unit, string Text, int Index)
{
    private static readonly (string Family, string Unit, string[] Spellings)[] Known =
    [
        ("money", "USD", ["usd", "us$", "us dollar", "us dollars"]), ("money", "$", ["$", "dollar", "dollars"]), ("money", "EUR", ["eur", "€", "euro", "euros"]), ("money", "GBP", ["gbp", "£"]),
        ("money", "SEK", ["sek"]), ("money", "NOK", ["nok"]), ("money", "DKK", ["dkk"]), ("money", "kr", ["kr"]), ("money", "CHF", ["chf"]), ("money", "JPY", ["jpy", "yen"]), ("money", "¥", ["¥"]),
        ("money", "CNY", ["cny", "rmb", "yuan"]), ("money", "INR", ["inr", "₹", "rupees"]), ("money", "PLN", ["pln", "zł"]), ("money", "CZK", ["czk"]), ("money", "CAD", ["cad", "ca$"]),
        ("money", "AUD", ["aud", "au$"]), ("money", "NZD", ["nzd"]), ("money", "SGD", ["sgd"]), ("money", "HKD", ["hkd"]), ("money", "MXN", ["mxn"]), ("money", "BRL", ["brl", "r$"]),
        ("distance", "km", ["km", "kilometer", "kilometers", "kilometre", "kilometres"]), ("distance", "mi", ["mi", "mile", "miles"]), ("distance", "m", ["m", "meter", "meters", "metre", "metres"]),
        ("distance", "ft", ["ft", "feet", "foot"]), ("distance", "cm", ["cm"]), ("distance", "mm", ["mm"]), ("distance", "in", ["inch", "inches"]),
        ("mass", "kg", ["kg", "kilogram", "kilograms", "kilos"]), ("mass", "lb", ["lb", "lbs"]), ("mass", "g", ["g", "gram", "grams"]), ("mass", "t", ["tons", "tonnes"]), ("mass", "oz", ["oz"]),
        ("mass", "mg", ["mg"]), ("temperature", "°C", ["°c", "celsius", "degrees celsius"]), ("temperature", "°F", ["°f", "fahrenheit", "degrees fahrenheit"]), ("temperature", "K", ["kelvin"]),
        ("time", "ms", ["ms", "millisecond", "milliseconds"]), ("time", "s", ["s", "sec", "second", "seconds"]), ("time", "min", ["min", "mins", "minute", "minutes"]),
        ("time", "h", ["h", "hr", "hrs", "hour", "hours"]), ("time", "d", ["day", "days"]), ("time", "w", ["week", "weeks"]), ("time", "mo", ["month", "months"]), ("time", "y", ["year", "years"]),
        ("volume", "l", ["l", "liter", "liters", "litre", "litres"]), ("volume", "ml", ["ml"]), ("volume", "gal", ["gal", "gallon", "gallons"]),
        ("energy", "kWh", ["kwh"]), ("energy", "MWh", ["mwh"]), ("energy", "Wh", ["wh"]), ("power", "kW", ["kw"]), ("power", "MW", ["mw"]), ("power", "W", ["w", "watt", "watts"]),
        ("data", "KB", ["kb"]), ("data", "MB", ["mb"]), ("data", "GB", ["gb"]), ("data", "TB", ["tb"]), ("speed", "km/h", ["km/h", "kph"]), ("speed", "mph", ["mph"]), ("speed", "m/s", ["m/s"]), ("share", "%", ["%", "percent"]),
    ];

    // A sign that several currencies share says only that it is one of them.
    private static readonly (string Sign, string[] Of)[] Shared =
        [("$", ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"]), ("kr", ["SEK", "NOK", "DKK"]), ("¥", ["JPY", "CNY"])];

    private static readonly Dictionary<string, (string Family, string Unit)> BySpelling =
        Known.SelectMany(known => known.Spellings.Select(spelling => (spelling, known.Family, known.Unit))).ToDictionary(entry => entry.spelling, entry => (entry.Family, entry.Unit), StringComparer.OrdinalIgnoreCase);

    /// <summary>The quantities in a text. Dates, times, versions and the names of records are none.</summary>
    public static IEnumerable<Quantity> In(string text)
    {
        foreach (Match match in Pattern().Matches(text))
        {
            if (TryNumber(match.Groups["number"].Value, out var value))
            {
                var unit = UnitOf(match.Groups["after"].Value) ?? UnitOf(match.Groups["before"].Value);
                yield return new Quantity(value, unit, match.Value.Trim(), match.Index);
            }
        }
    }

    /// <summary>The unit in its common spelling, or null when it is not known.</summary>
    public static string? UnitOf(string spelling) => BySpelling.TryGetValue(spelling.Trim(), out var known) ? known.Unit : null;

    /// <summary>Whether two units measure the same and are not the same.</summary>
    public static bool Contradict(string one, string other) =>
        one != other && FamilyOf(one) == FamilyOf(other) && !Array.Exists(Shared, shared => (shared.Sign == one && shared.Of.Contains(other)) || (shared.Sign == other && shared.Of.Contains(one)));

    /// <summary>What a unit measures.</summary>
    public static string FamilyOf(string unit) => Array.Find(Known, known => known.Unit == unit).Family;

    /// <summary>Reads a number as people write them: <c>1,290</c>, <c>1.840,20</c>, <c>38.4</c>.</summary>
    public static bool TryNumber(string text, out double value)
    {
        var (comma, dot) = (text.LastIndexOf(','), text.LastIndexOf('.'));
        var isDecimalComma = comma >= 0 && (dot >= 0 ? comma > dot : text.Length - comma - 1 != 3);
        var plain = isDecimalComma ? text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.') : text.Replace(",", "", StringComparison.Ordinal);
        return double.TryParse(plain, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    [GeneratedRegex(@"(?<before>US\$|[$€£¥₹]|\b[A-Z]{3}\s)?(?<![\w.,:/#-])(?<number>-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d{1,3}(?:\.\d{3})+,\d+|-?\d+(?:[.,]\d+)?)(?!\w*[-/:]\w|\w*\d|st\b|nd\b|rd\b|th\b|[.,]\d|\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))(?:\s?(?<after>%|€|£|\$|°[CF]|km/h|m/s|degrees (?:celsius|fahrenheit)|US dollars?|[A-Za-z]{1,11}\b))?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Pattern();
}
