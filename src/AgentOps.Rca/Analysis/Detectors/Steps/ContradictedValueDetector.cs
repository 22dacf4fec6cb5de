using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Numbers of the answer that the results contradict: the same number with another currency or unit, another number under the name that a
/// result gives it, or more records than were returned. What can be computed from what the run had seen is no contradiction.
/// </summary>
internal sealed partial class ContradictedValueDetector : IAnswerDetector
{
    private const double Strength = 2.3;
    private static readonly string[] Numbering = ["revision", "version", "page", "code", "year", "month", "index", "step", "level", "order", "line", "row", "port", "phone", "room", "zip"];
    private static readonly string[] Naming = ["account", "customer", "user", "client", "ticket", "invoice", "booking", "case", "contract", "reference", "ref", "article", "sku", "identifier"];
    private static readonly string[] Sums = ["total", "price", "amount", "balance", "cost", "costs", "fee", "sum", "subtotal", "tax", "due", "refund", "payment", "net", "gross", "rent", "salary", "premium", "charge", "discount"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || ResultValue.Before(run, model) is not { Count: > 0 } values)
        {
            return [];
        }

        var told = KnownNumbers.Told(run);
        foreach (Match sentence in Sentence().Matches(answer.Text))
        {
            var said = Quantity.In(sentence.Value).ToList();
            foreach (var quantity in said)
            {
                if ((OfUnit(quantity, values, told) ?? OfName(quantity, sentence.Value, answer.Text, said, values, told) ?? OfCount(quantity, sentence.Value, values, told)) is { } found)
                {
                    return [Describe(run, model, answer, quantity, found.Value, found.What)];
                }
            }
        }

        return [];
    }

    // The same number, and every result that holds it says another currency or unit.
    public static (ResultValue Value, string What)? OfUnit(Quantity said, List<ResultValue> values, List<Quantity> told)
    {
        if (said.Unit is not { } unit || told.Exists(other => other.Value.Equals(said.Value) && other.Unit == unit))
        {
            return null;
        }

        var isMoney = Quantity.FamilyOf(unit) == "money";
        var same = values.Where(value => value.Number is { } number && (KnownNumbers.AreSame(number, said.Value) || (isMoney && KnownNumbers.AreSame(number / 100, said.Value) && number >= 100))).ToList();
        if (same.Count == 0 || !same.TrueForAll(value => value.Unit is { } own && Quantity.Contradict(own, unit)))
        {
            return null;
        }

        return (same[^1], $"in {same[^1].Unit}");
    }

    // The answer gives another number under the name that exactly one value of the results has.
    private static (ResultValue Value, string What)? OfName(Quantity said, string sentence, string answer, List<Quantity> all, List<ResultValue> values, List<Quantity> told)
    {
        if (Math.Abs(said.Value) < 10 && said.Value.Equals(Math.Truncate(said.Value)))
        {
            return null;
        }

        var named = values.Where(value => value.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String && value is { Number: not null, Label.Count: > 0 } && value.Label.All(word => Holds(sentence, word))).ToList();
        if (named.Count == 0 || named.Select(value => value.Number!.Value).Distinct().Count() != 1 || named[0].Number is not { } known
            || all.Exists(other => KnownNumbers.AreSame(other.Value, known)) || all.Count(other => !KnownNumbers.Explain(other, values, told)) != 1 || KnownNumbers.Explain(said, values, told))
        {
            return null;
        }

        // What the answer says elsewhere it does not deny, the year of a date is no value of anything else, and what a value is compared with is another one.
        if (!MethodVersion.IsBefore(5) && (Compared().IsMatch(sentence) || Scale().IsMatch(sentence.AsSpan(Math.Min(sentence.Length, said.Index + said.Text.Length))) || Scale().IsMatch(said.Text) || Quantity.In(answer).Any(other => KnownNumbers.AreSame(other.Value, known)) || (IsYear(said.Value) && said.Unit is null && !IsYear(known))))
        {
            return null;
        }

        return IsOf(said, named[^1]) ? (named[^1], $"as {Words.Short(named[^1].Name, 40)}") : null;
    }

    /// <summary>Whether a number is an amount of something, and not one that only counts or names, such as a page.</summary>
    public static bool IsMeasured(ResultValue value) =>
        !value.Label.All(word => Array.IndexOf(Numbering, word) >= 0 || (!MethodVersion.IsBefore(5) && Array.IndexOf(Naming, word) >= 0));

    private static bool IsYear(double number) => number is >= 1900 and <= 2100 && number.Equals(Math.Truncate(number));

    // Another measure of the thing is no other value of it: "a total of 14 days" speaks of something else than a total of 1480.2.
    private static bool IsOf(Quantity said, ResultValue value) => IsMeasured(value)
        && (said.Unit is not { } unit || (value.Unit is { } own ? Quantity.FamilyOf(own) == Quantity.FamilyOf(unit) : Quantity.FamilyOf(unit) == "money" && value.Label.Any(word => Array.IndexOf(Sums, word) >= 0)));

    // More records than the list of that name holds, where nothing says that there are more.
    private static (ResultValue Value, string What)? OfCount(Quantity said, string sentence, List<ResultValue> values, List<Quantity> told)
    {
        // "of 2026: rows" counts no rows.
        if (said.Value < 2 || (!MethodVersion.IsBefore(5) && IsYear(said.Value) && said.Text.Length == 4) || KnownNumbers.Explain(said, values, told))
        {
            return null;
        }

        var after = sentence[Math.Min(sentence.Length, said.Index + said.Text.Length)..];
        var near = Word().Matches(said.Text + " " + after).Select(match => match.Value).Take(4).ToList();
        var lists = values.Where(value => value is { Value.ValueKind: JsonValueKind.Array, Name.Length: > 3 } && near.Contains(ToolWords.Of(value.Name) is [.., var last] ? last : "", StringComparer.OrdinalIgnoreCase)).ToList();
        if (lists.Count == 0 || lists.Sum(list => list.Value.GetArrayLength()) >= said.Value || lists.Exists(list => list.Parent.ValueKind == JsonValueKind.Object && list.Parent.EnumerateObject().Any(IsPaging)))
        {
            return null;
        }

        return (lists[^1], Words.Invariant($"as {Words.Short(lists[^1].Name, 40)}, of which there are {lists.Sum(list => list.Value.GetArrayLength())},"));
    }

    private static bool IsPaging(JsonProperty member) => member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
        && ToolWords.Of(member.Name).Any(word => word is "next" or "cursor" or "more" or "page" or "pages" or "offset" or "truncated" or "limit");

    private static bool Holds(string sentence, string word) => Regex.IsMatch(sentence, $@"\b{Regex.Escape(word.TrimEnd('s'))}s?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, Quantity said, ResultValue value, string what)
    {
        var source = StepFindings.Say(value.Source);
        var returned = value.Value.ValueKind is JsonValueKind.Array ? "" : $" {Words.Short(value.Value.ToString(), 60)}";
        return StepFindings.At(
            model, "contradicted_value", "misread_result", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the user {StepFindings.Quote(said.Text, 60)}, but {source} had returned{returned} {what}{Words.At(value.Source.Node.EndNs)}: the answer contradicts the result.",
            [
                answer.Say("What the answer says.", said.Text),
                value.Say($"{source} returned it."),
            ],
            $"Let code write numbers, units and currencies of {source} into the answer, or check the answer against the result before it is sent.", "contradicted_value", explains: run.Runs);
    }

    [GeneratedRegex(@"\b(?:above|below|under|over|beyond|exceeds?|more than|less than|fewer than|at least|at most|up to|minimum|maximum|threshold|limit|level of|needed|required|average|compared)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Compared();

    [GeneratedRegex(@"(?:\A|\s)\s?(?:thousand|million|billion|mio|mn|bn|k|m)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Scale();

    [GeneratedRegex(@"(?:[^.!?\n]|(?<=\w)[.](?=\w))+[.!?]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"[A-Za-z]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
