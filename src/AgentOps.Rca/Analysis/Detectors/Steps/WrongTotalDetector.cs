using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A total of the answer that is not the sum of the amounts that a result lists: the answer lists them all, or they are all that the run was given and the user asked
/// for their sum. Only where nothing else makes the total out of them: no tax, no discount, no part of them.
/// </summary>
internal sealed partial class WrongTotalDetector : IAnswerDetector
{
    private const double Strength = 2.4;
    private const int FewestAddends = 3;
    private const int MostAddends = 40;
    private const int MostSubsets = 14;
    private static readonly string[] Addable = ["amount", "price", "cost", "total", "value", "hours", "minutes", "quantity", "sum", "fee", "net", "gross", "paid", "spent", "kwh", "km", "distance", "weight", "balance", "subtotal", "charge", "revenue", "sales", "duration", "units"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || Excused().IsMatch(answer.Text) || Spaced().IsMatch(answer.Text) || TotalsIn(answer.Text).DistinctBy(static one => one.Index).ToList() is not [var total])
        {
            return [];
        }

        var columns = run.Tools.Where(tool => tool is { Failure: null, Result: not null } && tool.Number < model.Number).SelectMany(static tool => ColumnsIn(tool).Select(column => (Tool: tool, Column: column))).ToList();
        var said = Quantity.In(answer.Text).ToList();
        var listed = columns.FindAll(one => one.Column.TrueForAll(value => said.Exists(other => other.Index != total.Index && KnownNumbers.AreSame(other.Value, value.Number!.Value))) && said.Count - 1 >= one.Column.Count);
        var asked = run.SaidByUsers().Any(static text => Total().IsMatch(text.Text)) && columns.Count == 1 && said.Count <= 2 && !run.Tools.Any(static tool => tool.Result is { } result && More().IsMatch(result.Text));
        if ((listed.Count > 0 ? listed : asked ? columns : []) is not [var addends])
        {
            return [];
        }

        var sum = addends.Column.Sum(static value => value.Number!.Value);
        return IsTotal(total, addends.Column, sum) && !IsExplained(run, model, total, addends.Column, sum) ? [Describe(run, model, answer, total, addends.Tool, addends.Column, sum)] : [];
    }

    // The number after a word for a total, within its clause, with nothing that makes it another kind of number.
    private static IEnumerable<Quantity> TotalsIn(string text)
    {
        var all = Quantity.In(text).ToList();
        foreach (Match match in Total().Matches(text))
        {
            var from = match.Index + match.Length;
            if (all.Find(one => one.Index >= from) is { } number && number.Index - from <= 40 && !Break().IsMatch(text[from..number.Index]) && !About().IsMatch(text[Math.Max(0, match.Index - 20)..number.Index]))
            {
                yield return number;
            }
        }
    }

    // The numbers that the records of a list have under one name.
    private static IEnumerable<List<ResultValue>> ColumnsIn(ToolStep tool)
    {
        var values = ResultValue.In(tool, tool.Result!.Value);
        foreach (var list in values.Where(static value => value.Value.ValueKind == JsonValueKind.Array && value.Value.GetArrayLength() is >= FewestAddends and <= MostAddends))
        {
            var count = list.Value.GetArrayLength();
            foreach (var column in values.Where(value => value.Number is not null && ToolWords.Of(value.Name).Any(static word => Array.IndexOf(Addable, word) >= 0) && IsMember(value.Pointer, list.Pointer)).GroupBy(static value => value.Name).Select(static group => group.ToList()))
            {
                if (column.Count == count && column.Select(static value => value.Unit).Distinct().Count() == 1 && column.TrueForAll(static value => value.Number > 0))
                {
                    yield return column;
                }
            }
        }
    }

    private static bool IsMember(string pointer, string list) => pointer.Length > list.Length + 1 && pointer.StartsWith(list + "/", StringComparison.Ordinal) && pointer[(list.Length + 1)..].Count(static sign => sign == '/') == 1;

    // A count of the records is no total of their amounts.
    private static bool IsTotal(Quantity total, List<ResultValue> column, double sum) =>
        !KnownNumbers.AreSame(total.Value, column.Count) && total.Value > column.Max(static value => value.Number!.Value) && total.Value < sum * 3
        && (total.Unit is not null || total.Text.AsSpan().IndexOfAny('.', ',') >= 0) && (total.Unit is not { } unit || Quantity.FamilyOf(unit) == "money" || column[0].Unit is not { } own || own == unit)
        && (column[0].Unit is not { } first || total.Unit is not { } second || !Quantity.Contradict(first, second));

    private static bool IsExplained(AgentRun run, ModelStep model, Quantity total, List<ResultValue> column, double sum)
    {
        // Rounded as it is written: 121 and 120.9 of 120.85.
        var written = total.Text.Where(static sign => char.IsAsciiDigit(sign) || sign is '.' or ',').ToArray().AsSpan().ToString();
        var point = written.LastIndexOfAny(['.', ',']);
        var unit = point < 0 || written.Length - point - 1 == 3 ? 1 : Math.Pow(10, point + 1 - written.Length);
        if (Math.Abs(total.Value - sum) <= unit / 2 + 1e-9)
        {
            return true;
        }

        var (values, told) = (ResultValue.Before(run, model).FindAll(static value => value.Value.ValueKind != JsonValueKind.Array && ToolWords.Of(value.Name) is not [.., "id" or "no" or "number" or "index" or "position" or "row" or "line"]), KnownNumbers.Told(run));
        // Not about right, as a short number may be elsewhere.
        return KnownNumbers.Explain(total with { Text = "000" + written }, values, told) || IsPart(total.Value, column, unit) || IsWeighted(total.Value, values, column, unit);
    }

    // The sum of some of them: others may not belong to what was asked for.
    private static bool IsPart(double total, List<ResultValue> column, double unit)
    {
        if (column.Count > MostSubsets)
        {
            return column.Exists(one => Math.Abs(column.Sum(static value => value.Number!.Value) - one.Number!.Value - total) <= unit / 2 + 1e-9);
        }

        // Or of all, with some of them taken off: a credit is often listed as a number like any other.
        var all = column.Sum(static value => value.Number!.Value);
        for (var mask = 1; mask < 1 << column.Count; mask++)
        {
            double part = 0;
            for (var i = 0; i < column.Count; i++)
            {
                part += (mask & (1 << i)) != 0 ? column[i].Number!.Value : 0;
            }

            if (Math.Abs(part - total) <= unit / 2 + 1e-9 || Math.Abs(all - (2 * part) - total) <= unit / 2 + 1e-9)
            {
                return true;
            }
        }

        return false;
    }

    // Each times another number of its record, such as how many there are of it.
    private static bool IsWeighted(double total, List<ResultValue> values, List<ResultValue> column, double unit) => values
        .Where(value => value.Name != column[0].Name && value.Number is not null && column.Exists(own => own.Pointer[..own.Pointer.LastIndexOf('/')] == value.Pointer[..Math.Max(0, value.Pointer.LastIndexOf('/'))] && own.Source == value.Source))
        .GroupBy(static value => value.Name).Any(group => Math.Abs(group.Sum(value => value.Number!.Value * column.Find(own => own.Pointer[..own.Pointer.LastIndexOf('/')] == value.Pointer[..value.Pointer.LastIndexOf('/')])!.Number!.Value) - total) <= unit / 2 + 1e-9);

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, Quantity total, ToolStep source, List<ResultValue> column, double sum)
    {
        var name = StepFindings.Say(source);
        return StepFindings.At(
            model, "wrong_total", "misread_result", Proof.Provenance, Strength,
            Words.Invariant($"{StepFindings.Say(model)} told the user {StepFindings.Quote(total.Text, 40)} as the total, but the {column.Count} numbers that {name} had returned as {Words.Name(column[0].Name)} make {sum:0.##}, and nothing else in the run makes {total.Value:0.##}."),
            [
                answer.Say("What the answer says.", total.Text),
                .. column.Take(6).Select(value => value.Say(Words.Invariant($"{name} had returned {value.Value.GetRawText()} as {Words.Name(value.Name)}."))),
            ],
            $"Have {name} return the total, or give the model a tool that adds.", "wrong_total", explains: [.. run.Runs]);
    }

    [GeneratedRegex(@"\b(?:(?:grand |sub)?total\w*|sum(?: of)?|altogether|in all|insgesamt|Gesamt\w*|Summe|zusammen|suma|en total|total de|importe total|somme|montant total|au total|totale|in totale|soma|no total)\b|合計|総額", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Total();

    // A sentence or a part of one ends, or the number is one of how many.
    [GeneratedRegex(@"[.;!?\n](?:\s|$)|\b(?:for|of the|from|across|over|number|count|Anzahl|número|nombre|numero)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Break();

    [GeneratedRegex(@"\b(?:about|around|approximately|approx|roughly|nearly|almost|over|more than|less than|under|up to|circa|ca|rund|etwa|ungefähr|knapp|unos|unas|aproximadamente|casi|environ|presque|circa|quasi|cerca de)\b|[~≈±]|約|およそ", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex About();

    // What is told beside the amounts and may make another total of them.
    [GeneratedRegex(@"\b(?:discount\w*|tax(?:es)?|vat|gst|shipping|fees?|tips?|refund\w*|minus|less|without|excluding|except|includ\w+|plus|deposit|surcharge|deduct\w*|credit\w*|taken off|rounded|estimate\w*|average|per (?:month|person|day)|remaining|left|MwSt|USt|Mehrwertsteuer|Rabatt|Versand\w*|Gebühr\w*|abzüglich|zuzüglich|inkl\w*|ohne|gerundet|Durchschnitt|IVA|descuento|envío|sin|incluid\w+|redondead\w+|promedio|TVA|remise|livraison|frais|hors|compris\w*|arrondi\w*|moyenne|sconto|spedizione|esclus\w+|inclus\w+)\b|税|割引|送料|手数料", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Excused();

    // Thousands that are written with spaces are not read.
    [GeneratedRegex(@"\d[\u0020\u00a0\u202f]\d{3}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Spaced();

    [GeneratedRegex(@"""(?:has_more|hasMore|next_cursor|nextCursor|next_page|nextPageToken|next_page_token|next|truncated)""\s*:\s*(?!null|false|"""")", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex More();
}
