using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Whether a number can come from what a run had seen: read, rounded, converted, or computed from two others.</summary>
internal static partial class KnownNumbers
{
    private const int MostNumbers = 150;

    /// <summary>The quantities of the instructions, of what users said, and of what tools were given.</summary>
    public static List<Quantity> Told(AgentRun run) => [.. run.Instructions.Select(text => text.Text)
        .Concat(run.SaidByUsers().Select(text => text.Text))
        .Concat(run.Tools.Where(tool => tool.Arguments is not null).Select(tool => tool.Arguments!.Text)).SelectMany(Quantity.In)];

    /// <summary>Whether the number was seen or follows from numbers that were.</summary>
    public static bool Explain(Quantity said, List<ResultValue> values, List<Quantity> told)
    {
        var numbers = values.Select(value => value.Number).OfType<double>()
            .Concat(values.Where(value => value.Value.ValueKind is JsonValueKind.Array).Select(value => (double)value.Value.GetArrayLength()))
            .Concat(values.Where(value => value.Value.ValueKind == JsonValueKind.String).SelectMany(value => Quantity.In(value.Value.GetString()!)).Select(other => other.Value))
            .Concat(told.Select(other => other.Value))
            .Concat(values.Where(value => value.Number is not null).GroupBy(value => value.Name).Select(group => group.Sum(value => value.Number!.Value)))
            .Select(Math.Abs).Distinct().Take(MostNumbers).ToList();
        var digits = said.Text.Count(char.IsAsciiDigit);
        var x = Math.Abs(said.Value);
        bool Is(double other) => AreSame(other, x) || Math.Abs(other - x) <= 0.5 * Unit(said.Text) || (digits <= 3 && x >= 10 && Math.Abs(other - x) / x < 0.05);
        return numbers.Exists(a => Is(a) || Is(a / 2) || Is(a * 2) || Is(a / 100) || Is(a * 100) || Is(a / 1000) || Is(a / 60) || Is(a / 3600) || Is(a / 24) || Is(a * 12) || Is(a / 12) || Is(a * 1.609344) || Is(a / 1.609344)
                || Is(a * 9 / 5 + 32) || Is((a - 32) * 5 / 9) || Is(a * 2.20462) || Is(a / 2.20462) || Is(a / 1024))
            || numbers.Exists(a => numbers.Exists(b => Is(a + b) || Is(a - b) || Is(a * b) || (b != 0 && (Is(a / b) || Is(a / b * 100) || Is((a - b) / b * 100))) || Is(a * b / 100) || Is(a * (100 + b) / 100) || Is(a * (100 - b) / 100)));
    }

    // The place of the last digit that is written: 0.01 in 12.34, 1 in 12.
    private static double Unit(string text)
    {
        var number = Digits().Match(text).Value;
        var point = number.LastIndexOfAny(['.', ',']);
        return point < 0 || number.Length - point - 1 == 3 ? 1 : Math.Pow(10, point + 1 - number.Length);
    }

    /// <summary>Whether two numbers are the same, but for how they are stored.</summary>
    public static bool AreSame(double one, double other) => Math.Abs(one - other) < 1e-9 * Math.Max(1, Math.Abs(one));

    [GeneratedRegex(@"\d[\d.,]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Digits();
}
