using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A change in the world that was made again: the first call of a writing tool ran out of time or lost its answer, so nobody knows whether it
/// went through, and the same call was made once more.
/// </summary>
internal sealed partial class RepeatedEffectDetector : IDetector
{
    private const double Strength = 2.3;
    private const double Shown = 0.4;
    private const double Hint = 0.4;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        foreach (var first in run.Tools.Where(tool => tool.Failure is { Category: "timeout" or "unreachable" or "server_error" } && ToolWords.Writes(tool.Tool)))
        {
            var second = run.Tools.FirstOrDefault(other => other.Number > first.Number && other.Tool == first.Tool && IsSame(first, other));
            if (second is not null && !IsAskedFor(run, first, second) && !findings.Exists(known => known.Tool == first.Node.Tool) && (first.Failure!.Category == "timeout" || WentThrough(first) is not null))
            {
                findings.Add(Describe(context, run, first, second));
            }
        }

        if (findings.Count == 0 && !MethodVersion.IsBefore(5) && Doubles(run) is { } doubled)
        {
            findings.Add(DescribeDouble(run, doubled.First, doubled.Second));
        }

        return findings;
    }

    // Both went through, one right after the other, with nothing looked at and nobody asked between them.
    private static (ToolStep First, ToolStep Second)? Doubles(AgentRun run)
    {
        foreach (var second in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Asker: not null, Result: not null, Arguments.Value.ValueKind: JsonValueKind.Object, Commands.Count: 0 } && IsOnce(tool)))
        {
            var first = run.Tools.LastOrDefault(other => other.Number < second.Number && other is { Failure: null, Asker: not null, Result: not null } && other.Tool == second.Tool && IsSame(other, second));
            if (first is not null && !run.Tools.Any(between => between.Number > first.Number && between.Number < second.Number) && !Changes.HasUserSpoken(run, first, second)
                && Conversations.AreSame(run, first, second) && !Refused().IsMatch($"{first.Result!.Text} {second.Result!.Text}") && IdsOf(first) is { Count: > 0 } own && IdsOf(second) is { Count: > 0 } others && !own.Overlaps(others)
                && !run.SaidByUsers(second.Asker).Any(static text => Several().IsMatch(text.Text)))
            {
                return (first, second);
            }
        }

        return null;
    }

    // Money that moves, words that reach somebody, and what is ordered or booked: twice is once too often.
    private static bool IsOnce(ToolStep tool) => !Changes.Reads(tool.Tool) && ToolWords.Of(tool.Tool) is var words && ToolWords.Writes(tool.Tool) && !words.Any(static word => word is "test" or "event" or "log" or "random" or "key" or "message")
        && words.Any(static word => word is "transfer" or "pay" or "payment" or "charge" or "refund" or "payout" or "donate" or "send" or "email" or "mail" or "sms" or "order" or "book" or "booking" or "reservation" or "reserve" or "buy" or "purchase" or "ticket" or "invoice" or "ship" or "shipment" or "wire" or "withdraw" or "deposit");

    // What the other side calls the thing that it made: another one each time.
    private static HashSet<string> IdsOf(ToolStep tool) => [.. ResultValue.In(tool, tool.Result!.Value).Where(static value => value.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number && ToolWords.Of(value.Name) is [.., "id" or "number" or "no" or "reference" or "ref" or "confirmation" or "code"])
        .Select(static value => value.Value.ToString()).Except(Changes.GivenTo(tool).Select(static value => value.Value.ToString()))];

    private static Finding DescribeDouble(AgentRun run, ToolStep first, ToolStep second)
    {
        var name = StepFindings.Say(second);
        return StepFindings.At(
            second.Asker!, "repeated_effect", "duplicate_effect", Proof.Provenance, Strength,
            $"{name} was called twice with the same arguments ({StepFindings.Quote(second.Arguments!.Text, 100)}): the first call had gone through{Words.At(first.Node.EndNs)} ({StepFindings.Quote(first.Result!.Text, 80)}), and without a look at it {StepFindings.Say(second.Asker!)} made it again{Words.At(second.Node.StartNs)}, which made another one ({StepFindings.Quote(second.Result!.Text, 80)}).",
            [first.Result.Say($"The first call of {name} went through."), second.Arguments.Say("The same was given again."), second.Result.Say("The second call went through as well.")],
            $"Give {name} an idempotency key, and have the agent look at what the first call did before it is made again.", "duplicate_effect", explains: [first, second, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);
    }

    [GeneratedRegex(@"duplicat|idempot|already|declin|reject|fail|error|refus|invalid|denied|insufficient|void|cancel", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Refused();

    // Two of it were wanted, perhaps.
    [GeneratedRegex(@"\b(?:a|an|one|ein\w*|une?|un[ao]?)\s\w+[^.!?\n]{0,60}\b(?:and|und|et|y|e|en)\s(?:a|an|one|ein\w*|une?|un[ao]?)\s|\b(?:once more|one more|noch (?:ein)?mal|encore une fois|una vez más|ancora una volta|mais uma vez|nog een keer|reminders|for\s\w+(?:,|\s(?:and|und|et|y|e))\s\w+|twice|two|both|(?<![\d.,])[2-5](?!\d|[.,]\d)|double|three|four|five|each|another|again|every|several|multiple|times|pair|second|copies|zwei\w*|beide\w*|doppelt|nochmal|erneut|jede\w*|mehrere|deux|les deux|encore|chaque|plusieurs|dos|ambos|otra vez|cada|varios|due|entrambi|ancora|ogni|dois|duas|outra vez|twee|beide|nogmaals|elk\w*)\b|2回|二|两", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Several();

    private static bool IsSame(ToolStep first, ToolStep second)
    {
        if (first.Arguments is null || second.Arguments is null)
        {
            return false;
        }

        // A key that names the attempt makes a repetition safe; the records show it when the tool takes one.
        return first.Arguments.Key == second.Arguments.Key && !first.Arguments.Text.Contains("idempotency", StringComparison.OrdinalIgnoreCase);
    }

    // Who looked between the two tries and saw nothing of the first one did what is to be done.
    private static bool IsAskedFor(AgentRun run, ToolStep first, ToolStep second) => !MethodVersion.IsBefore(5)
        && run.Tools.Any(between => between.Number > first.Number && between.Number < second.Number && between is { Failure: null, Result: not null } && !ToolWords.Writes(between.Tool)
            && IsAboutTheSame(first, between) && (between.Result.IsEmpty || SaysNone().IsMatch(between.Result.Text) || !ShowsIt(first, between.Result.Text)));

    private static bool IsAboutTheSame(ToolStep first, ToolStep between) =>
        ToolWords.Of(first.Tool).Where(static word => word.Length > 3).Any(word => ToolWords.Of(between.Tool).Any(other => other.TrimEnd('s') == word.TrimEnd('s')))
        || between.Targets.Overlaps(first.Targets);

    // All that names what was to be done stands in the result.
    private static bool ShowsIt(ToolStep first, string result) => first.Arguments is not { Value.ValueKind: JsonValueKind.Object } arguments
        || arguments.Value.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Number).Select(static member => member.Value.GetRawText())
            .Concat(first.Targets).All(value => result.Contains(value, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"\bnot[_ ]found\b|\bno (?:such|matching|\w+ (?:found|exists?))|\bnone\b|\b(?:does|did)(?: not|n['’]t) exist|""(?:found|exists)""\s*:\s*false|""(?:count|total)""\s*:\s*0\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SaysNone();

    // Work of the other side that did not fail and went on after the caller had given up, or that says that it did the thing.
    private static SpanNode? WentThrough(ToolStep tool)
    {
        if (!tool.IsRecorded)
        {
            return null;
        }

        var open = new Stack<SpanNode>(tool.Node.Children);
        while (open.TryPop(out var node))
        {
            if (node.EndNs > tool.Node.EndNs && node.Failure is null or { HttpStatus: 499 })
            {
                return node;
            }

            foreach (var child in node.Children)
            {
                open.Push(child);
            }
        }

        return null;
    }

    private static Finding Describe(DetectionContext context, AgentRun run, ToolStep first, ToolStep second)
    {
        var name = StepFindings.Say(first);
        var through = WentThrough(first);
        var outcome = second.Failure is null ? $"the second call succeeded{(second.Result is { IsEmpty: false } result ? $" ({StepFindings.Quote(result.Text, 100)})" : "")}" : "the second call failed, too";
        List<Fact> facts =
        [
            first.Failure!.Evidence,
            first.Arguments!.Say($"What the first call was given{Words.At(first.Node.StartNs)}."),
            second.Arguments!.Say($"The same was given again{Words.At(second.Node.StartNs)}."),
        ];
        var shown = "";
        if (through is not null)
        {
            facts.Add(new Fact(through.SpanId, $"{Words.Name(through.Tool)} worked on the first call{(Words.IsUnknown(through.EndNs) ? "" : $" until {Words.Clock(through.EndNs)},")} after its caller had given up.", "/end_ts"));
            shown = $", while {Words.Name(through.Tool)} was still at work on it";
            if (through.Logs.FirstOrDefault(log => log.Events.Count > 0) is { } log)
            {
                facts.Add(new Fact(log.SpanId, "What it reported of the first call.", "/attributes/events"));
            }
        }

        // Who tried again was right to, where all is well after it and nobody has seen two of it; but money that may have moved twice is looked for, and not waited for.
        var isFine = !MethodVersion.IsBefore(5) && through is null && second.Failure is null && run.Answer is { } answer && AnswerSigns.Of(answer.Text) is not AnswerSign.Failure
            && !Doubled().IsMatch($"{context.Case.Incident.ProblemType} {answer.Text}") && !run.Tools.Any(later => later.Number >= second.Number && later.Result is { } seen && Doubled().IsMatch(seen.Text));
        var isOfMoney = ToolWords.Of(first.Tool).Any(static word => word is "charge" or "pay" or "payment" or "transfer" or "refund" or "debit" or "credit" or "withdraw" or "deposit" or "buy" or "purchase" or "donate" or "bill" or "payout" or "trade" or "sell");
        return StepFindings.At(
            first, "repeated_effect", "duplicate_effect", !isFine ? Proof.Causal : isOfMoney ? Proof.Failure : Proof.Hint, isFine && !isOfMoney ? Hint : Strength + (through is null ? 0 : Shown),
            $"{name} was called twice with the same arguments ({StepFindings.Quote(first.Arguments.Text, 100)}): the first call ended{Words.At(first.Node.EndNs)} without an answer ({StepFindings.Quote(first.Failure.Words, 100)}){shown}, and it was made again{Words.At(second.Node.StartNs)} although the first may have gone through; {outcome}.",
            facts, $"Give {name} an idempotency key, and ask whether the first call went through before it is made again.", "duplicate_effect",
            explains: [first, second, .. first.Asker is { } asker ? (AgentStep[])[asker] : [], .. second.Asker is { } other ? (AgentStep[])[other] : []]);
    }

    [GeneratedRegex(@"duplicat|double|\btwice\b|\btwo times\b|\balready (?:exists|created|booked|charged|sent|paid|processed)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Doubled();
}
