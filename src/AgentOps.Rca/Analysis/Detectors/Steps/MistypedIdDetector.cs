using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A number of a record that a call was given, that nothing in the run has, and that is the user's one with digits exchanged or one of them changed; or that stands
/// where the user named the record's number outright (“order 48213” and an <c>order_id</c> of 50917).
/// </summary>
internal sealed partial class MistypedIdDetector : IDetector
{
    private const double Strength = 2.4;
    private const int FewestDigits = 4;
    private const int MostText = 40;
    private static readonly string[] Naming =
        ["id", "ids", "number", "no", "nr", "num", "ref", "reference", "code", "order", "ticket", "booking", "reservation", "invoice", "account", "customer", "case", "sku", "iban", "card", "policy", "tracking", "contract", "claim", "member", "patient", "employee", "personnel", "article", "item", "issue", "case", "shipment", "parcel"];

    private static readonly string[] NoName = ["amount", "price", "total", "year", "zip", "postal", "postcode", "port", "page", "limit", "offset", "size", "quantity", "count", "timeout"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.CallsIn(run).Where(static call => !ToolWords.Of(call.Tool).Any(static word => word is "create" or "add" or "insert" or "register" or "generate")))
        {
            List<(string Digits, Passage Text, int Index)>? said = null;
            KnownText? known = null;
            foreach (var value in Changes.GivenTo(call).Where(static value => IsName(value.Name) && value.Value.ToString().Length <= MostText))
            {
                var text = value.Value.ToString();
                if (CalendarForm.Is(text) || Number().Matches(text) is not [{ Value: { Length: >= FewestDigits } digits }])
                {
                    continue;
                }

                said ??= [.. Changes.SaidBefore(run, call).SelectMany(static passage => Number().Matches(Joined(passage.Text)).Select(match => (match.Value, passage, match.Index)))];
                if (Meant(said, digits, value.Name) is not { } meant || IsUsed(run, call, meant.Digits))
                {
                    continue;
                }

                known ??= KnownText.Before(run, call);
                if (known.IsWhole && !known.Holds(digits) && !known.HoldsInGroups(digits))
                {
                    return [Describe(run, call, value, text, meant)];
                }
            }
        }

        return [];
    }

    private static bool IsName(string name) => ToolWords.Of(name) is { Count: > 0 } words && words.Any(static word => Array.IndexOf(Naming, word) >= 0) && !words.Any(static word => Array.IndexOf(NoName, word) >= 0);

    // Digits that are written in groups are one number.
    private static string Joined(string text) => Groups().Replace(text, static match => string.Concat(match.Value.Where(char.IsAsciiDigit)));

    private static (string Digits, Passage Text)? Meant(List<(string Digits, Passage Text, int Index)> said, string digits, string name)
    {
        var like = said.FindAll(one => one.Digits.Length == digits.Length && !IsYear(one.Digits) && IsSlip(one.Digits, digits));
        if (like.Count == 0)
        {
            // The user's word for it stands right before it.
            var subject = ToolWords.Of(name).FirstOrDefault(static word => word.Length > 3 && word is not ("number" or "code" or "reference"));
            like = subject is null ? [] : said.FindAll(one => one.Digits.Length >= FewestDigits && Regex.IsMatch(Joined(one.Text.Text)[..one.Index], $@"\b{Regex.Escape(subject)}\s*(?:id|number|no\.?|nr\.?)?\s*[#:]?\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
            like = like.Exists(one => one.Digits.Length != digits.Length) ? [] : like;
        }

        return like.DistinctBy(static one => one.Digits).ToList() is [var only] && !IsVague(Joined(only.Text.Text), only.Index, only.Digits.Length) && !said.Exists(one => Onwards().IsMatch(one.Text.Text)) ? (only.Digits, only.Text) : null;
    }

    private static bool IsSlip(string one, string other) =>
        one != other && (string.Concat(one.Order()) == string.Concat(other.Order()) || one.Zip(other).Count(static pair => pair.First != pair.Second) == 1);

    private static bool IsYear(string digits) => digits.Length == 4 && digits[..2] is "19" or "20";

    private static bool IsVague(string text, int index, int length) =>
        RangeBefore().IsMatch(text[Math.Max(0, index - 20)..index]) || RangeAfter().IsMatch(text.AsSpan(Math.Min(text.Length, index + length)));

    // The user's number was used as well, so the other one is another record.
    private static bool IsUsed(AgentRun run, ToolStep call, string digits) =>
        run.Tools.Any(other => other.Arguments is { } arguments && (other == call || other.Tool == call.Tool) && arguments.Text.Contains(digits, StringComparison.Ordinal));

    private static Finding Describe(AgentRun run, ToolStep call, ResultValue value, string given, (string Digits, Passage Text) meant) => StepFindings.At(
        call.Asker!, "mistyped_id", "wrong_argument", Proof.Provenance, Strength,
        $"{StepFindings.Say(call.Asker!)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {Words.Short(given, 60)} as {Words.Name(value.Name)}, which stands in nothing that the run had seen; the user had said {StepFindings.Quote(meant.Digits, 40)}.",
        [
            call.Arguments!.Say($"{StepFindings.Say(call)} was given {Words.Short(given, 60)}.", value.Pointer, given),
            meant.Text.Say("What the user had said.", meant.Digits),
        ],
        $"Have {StepFindings.Say(call)} refuse numbers that neither the user nor an earlier call gave, and let the user confirm the record before it is changed.", "mistyped_id", explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);

    [GeneratedRegex(@"(?<![\d.,])\d{4,20}(?![\d]|[.,]\d)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Number();

    [GeneratedRegex(@"(?<![\d.,])\d{2,4}(?: \d{2,4}){2,4}(?![\d.,]\d|\d)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Groups();

    [GeneratedRegex(@"(?:\d\s*(?:to|through|until|bis|hasta|jusqu['’]?à|à|a|[-–~])|\b(?:between|after|since|above|below|over|under|zwischen|nach|seit|entre|desde|depuis))\s+(?:order|ticket|number|no\.?)?\s*#?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RangeBefore();

    [GeneratedRegex(@"^\s*(?:[-–~]\s*\d|(?:to|through|until|bis|hasta|jusqu|à|a)\b|(?:and|und|y|et)\s+(?:up|following|later|above|onwards?|folgende)|\+|ff\b|から)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RangeAfter();

    [GeneratedRegex(@"\b(?:next (?:one|order|number|ticket|invoice)|following (?:one|order|number|ticket)|previous (?:one|order|number|ticket)|the one (?:after|before)|nächste\w*|vorherige\w*|folgende\w*|siguiente|anterior|suivante?|précédente?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Onwards();
}
