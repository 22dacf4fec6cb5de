using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A limit of the user's for everything together that the purchases of the run went over, without a word to the user that they would.</summary>
internal sealed partial class ExceededTotalDetector : IDetector
{
    private const double Strength = 2.4;
    private static readonly string[] Taking = ["book", "order", "buy", "purchase", "reserve", "rent", "hire", "pay", "checkout", "place"];
    private static readonly string[] Undoing = ["cancel", "refund", "return", "remove", "delete", "change", "modify", "update", "release"];
    private static readonly string[] Prices = ["price", "total", "amount", "charged", "cost", "paid", "fare", "total_price", "totalprice", "price_total"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (LimitOf(run) is not { } limit || Changes.CallsIn(run).Any(static call => ToolWords.Of(call.Tool).Any(static word => Array.IndexOf(Undoing, word) >= 0)))
        {
            return [];
        }

        var spent = 0d;
        var parts = new List<ResultValue>();
        foreach (var call in Changes.CallsIn(run).Where(static call => call.Result is not null && !Changes.Reads(call.Tool) && ToolWords.Of(call.Tool).Any(static word => Array.IndexOf(Taking, word) >= 0)))
        {
            if (ResultValue.In(call, call.Result!.Value).FindAll(static value => value.Number is > 0 && Array.IndexOf(Prices, value.Name.ToLowerInvariant()) >= 0) is not [var price] || (price.Unit is { } unit && limit.Unit is { } own && unit != own))
            {
                continue;
            }

            parts.Add(price);
            spent += price.Number!.Value;
            if (spent > limit.Value + 0.005 && parts.Count > 1)
            {
                return IsTold(run, call, limit) ? [] : [Describe(call, price, parts, spent, limit)];
            }
        }

        return [];
    }

    private sealed record Limit(double Value, string? Unit, string Words, Passage Text);

    private static Limit? LimitOf(AgentRun run)
    {
        Limit? found = null;
        foreach (var text in run.SaidByUsers().Distinct())
        {
            foreach (var sentence in Sentences.In(text.Text))
            {
                if (Whole().Match(sentence) is { Success: true } match && Bounds().IsMatch(sentence) && Quantity.In(match.Value).Where(static one => one.Unit is null || Quantity.FamilyOf(one.Unit) == "money").ToList() is [{ Value: >= 20 } amount])
                {
                    if (found is not null && !KnownNumbers.AreSame(found.Value, amount.Value))
                    {
                        return null;
                    }

                    found ??= new Limit(amount.Value, amount.Unit, sentence, text);
                }
            }
        }

        return found;
    }

    private static bool IsTold(AgentRun run, ToolStep call, Limit limit) => run.Models.Where(model => model.Number <= call.Asker!.Number).SelectMany(static model => model.Said)
        .Any(said => Tells().IsMatch(said.Text) || Quantity.In(said.Text).Any(one => one.Value > limit.Value));

    private static Finding Describe(ToolStep call, ResultValue price, List<ResultValue> parts, double spent, Limit limit)
    {
        var name = StepFindings.Say(call);
        return StepFindings.At(
            call.Asker!, "exceeded_total", "wrong_argument", Proof.Provenance, Strength,
            Words.Invariant($"{StepFindings.Say(call.Asker!)} called {name}{Words.At(call.Node.StartNs)} for {price.Value}, with which {parts.Count} purchases come to {spent:0.##}; the user had set a limit for all of it ({StepFindings.Quote(limit.Words, 120)}), and nobody was told that it is passed."),
            [
                price.Say($"What {name} took."),
                .. parts.SkipLast(1).TakeLast(3).Select(static part => part.Say("What was taken before.")),
                limit.Text.Say("The user's limit.", StepFindings.Head(limit.Words)),
            ],
            "Add up in code what was spent, and ask the user before a purchase passes the limit.", "exceeded_total", explains: [call]);
    }

    [GeneratedRegex(@"(?:US\$|[$€£¥]|\b[A-Z]{3}\s)?\s?\d[\d.,]*\s?(?:€|£|\$|[A-Za-z]{3,7})?[^.;\d]{0,30}\b(?:in total|total|altogether|all in|overall|for everything|for all|insgesamt|alles zusammen|en tout|au total|en total|in totale|no total)\b|\b(?:total|overall)\s+(?:budget|limit|cap)\b[^.;\d]{0,20}\d[\d.,]*\s?(?:€|£|\$|[A-Za-z]{3,7})?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\b(?:limits?|budget|max\w*|at most|no(?:t)? more than|cap|up to|below|under|stay within|exceed|höchstens|maximal|Budget|au plus|maximum|como máximo|máximo|al massimo)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Bounds();

    [GeneratedRegex(@"\b(?:exceed\w*|over (?:your|the) (?:budget|limit)|above (?:your|the)|more than (?:your|the)|beyond|überschreit\w*|dépass\w*|super[ae]\w*)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tells();
}
