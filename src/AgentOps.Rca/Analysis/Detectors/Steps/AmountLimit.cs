using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>An amount from which on a rule holds, as in <c>refunds above 200.00 USD need approval</c>.</summary>
/// <param name="Value">The amount.</param>
/// <param name="IsIncluded">Whether the rule holds for the amount itself.</param>
/// <param name="Unit">Its unit, or null.</param>
internal sealed partial record AmountLimit(double Value, bool IsIncluded, string? Unit)
{
    private const int MostBetween = 16;
    private static readonly HashSet<string> Amounts = new(StringComparer.Ordinal)
    {
        "amount", "total", "sum", "price", "value", "cost", "budget", "fee", "payment", "refund", "credit", "betrag", "summe", "preis", "montant", "prix", "importe", "monto", "precio", "quantity", "cents", "usd", "eur", "gbp",
    };

    /// <summary>The limit that a rule names, or null when it names none.</summary>
    public static AmountLimit? In(string sentence)
    {
        foreach (Match words in From().Matches(sentence))
        {
            var end = words.Index + words.Length;
            if (Quantity.In(sentence).FirstOrDefault(quantity => quantity.Index >= end - 1 && quantity.Index <= end + MostBetween) is { } amount)
            {
                return new AmountLimit(amount.Value, words.Groups["at"].Success, amount.Unit);
            }
        }

        return null;
    }

    /// <summary>Whether a call is about so much; null where that cannot be told, as when the limit is one of days.</summary>
    public bool? IsReachedBy(ToolStep call)
    {
        if (call.Arguments is not { Value.ValueKind: JsonValueKind.Object } arguments || (Unit is not null && Quantity.FamilyOf(Unit) != "money"))
        {
            return null;
        }

        bool? isReached = null;
        foreach (var given in ResultValue.In(call, arguments.Value))
        {
            var words = ToolWords.Of(given.Name);
            if (given.Value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String) || given.Number is not { } number || !words.Any(Amounts.Contains))
            {
                continue;
            }

            if (Unit is not null && given.Unit is { } own && Quantity.Contradict(Unit, own))
            {
                return null;
            }

            var amount = words.Contains("cents") ? number / 100 : number;
            var reaches = IsIncluded ? amount >= Value : amount > Value;
            if (isReached is { } other && other != reaches)
            {
                return null;
            }

            isReached = reaches;
        }

        return isReached;
    }

    [GeneratedRegex(
        @"\b(?:above|over|more than|greater than|exceed(?:s|ing)?|higher than|larger than|beyond|in excess of|(?<at>at least|from|starting (?:at|from))|über|mehr als|(?<at>ab|mindestens)|plus de|au-dessus de|supérieur(?:e|es|s)? à|(?<at>à partir de|au moins)|más de|superior(?:es)? a|mayor(?:es)? (?:de|a|que)|(?<at>a partir de|al menos))(?!\w)|>(?<at>=)?|(?<at>≥)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex From();
}
