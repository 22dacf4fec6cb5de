using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Instructions that name the order of two tools, or ask that the customer is authenticated first, and a call that came without the one that
/// had to come before it.
/// </summary>
internal sealed partial class ToolOrderDetector : IDetector
{
    private const double Strength = 2.3;
    private const int MostText = 50_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        var tools = run.Models.SelectMany(model => model.Offered.Values).DistinctBy(tool => tool.Name).ToList();
        var offered = tools.ConvertAll(tool => tool.Name);

        // Where the definitions were not recorded, the calls and the instructions still name the tools.
        List<string> called = MethodVersion.IsBefore(5) ? [] : [.. run.Tools.Where(static tool => !tool.IsHandoff).Select(static tool => tool.Tool).Distinct()];
        if ((offered.Count < 2 && called.Count == 0) || run.Models.SelectMany(model => model.Input).Any(message => message.Calls.Any(call => run.Tools.All(tool => tool.CallId != call.Id))))
        {
            // Calls of an earlier conversation are not known as steps, so nothing can be said of their order.
            return [];
        }

        foreach (var text in run.Instructions.Where(text => text.Text.Length <= MostText))
        {
            foreach (var rule in MethodVersion.IsBefore(5) ? Rules(text.Text, offered, tools) : [.. Whole(text.Text, offered, tools), .. OrderRules.In(text.Text, called)])
            {
                var early = run.Tools.FirstOrDefault(call => call.Failure is null && rule.Then.Contains(call.Tool) && (rule.Limit is null || rule.Limit.IsReachedBy(call) == true));
                if (early is null)
                {
                    continue;
                }

                var isMissing = !run.Tools.Any(call => call.Number < early.Number && rule.First.Contains(call.Tool));
                var refused = isMissing || MethodVersion.IsBefore(5) || !RuleWords.IsGivenTo(run, text, early) ? null : Refused(run, early, rule);
                if ((isMissing || refused is not null) && (MethodVersion.IsBefore(5) || !IsDoneElsewhere(run, text, rule, early)))
                {
                    return [Describe(run, early, text, rule, refused)];
                }
            }
        }

        return [];
    }

    // The instructions say that it was done, or from whom it is not asked, or a result says that it was: in an earlier session, for the day, for who has a badge.
    private static bool IsDoneElsewhere(AgentRun run, Passage text, OrderRule rule, ToolStep early)
    {
        var at = text.Text.IndexOf(rule.Quote, StringComparison.Ordinal);
        var behind = at < 0 ? "" : text.Text.Substring(at + rule.Quote.Length, Math.Min(160, text.Text.Length - at - rule.Quote.Length));
        var stems = rule.First.SelectMany(ToolWords.Of).Where(static word => word.Length > 4 && !ToolWords.IsCommonVerb(word)).Select(static word => word[..5]).ToList();
        return Exempts().IsMatch(behind) || run.Instructions.Any(other => rule.First.Any(tool => Done(tool).IsMatch(other.Text.Replace(rule.Quote, " ", StringComparison.Ordinal))))
            || run.Tools.Where(call => call.Number < early.Number && call.Result is not null).SelectMany(static call => ResultValue.In(call, call.Result!.Value))
                .Any(value => value.Value.ValueKind == System.Text.Json.JsonValueKind.True && ToolWords.Of(value.Name).Any(word => stems.Exists(stem => word.StartsWith(stem[..4], StringComparison.Ordinal))));
    }

    private static Regex Done(string tool) =>
        new($@"(?<!\b(?:after|until|once|when|if|unless|only)\s+[`'""]?)(?<!\w){Regex.Escape(tool)}\W{{1,3}}(?:\w+\s+){{0,3}}?(?:succeeded|passed|was (?:called|done|successful)|already|is (?:valid|done))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"\b(?:exempt\w*|except\w*|unless|once (?:\w+ )?(?:verified|approved|confirmed|authenticated|checked)|stays?|remains?|already|need not|not (?:needed|required|necessary)|no need|do(?:es)? not need|without (?:it|one))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Exempts();

    // A rule that holds from 200.00 on is not to be cut within it.
    private static IEnumerable<OrderRule> Whole(string text, List<string> offered, List<OfferedTool> tools) => offered.Count < 2 ? []
        : Rules(Sentences.Masked(text), offered, tools).Select(static rule => (Rule: rule, Quote: Sentences.Unmasked(rule.Quote))).Select(static pair => pair.Rule with { Quote = pair.Quote, Limit = AmountLimit.In(pair.Quote) });

    private static IEnumerable<OrderRule> Rules(string text, List<string> offered, List<OfferedTool> tools)
    {
        foreach (Match sentence in Sentence().Matches(text))
        {
            if (Before().Match(sentence.Value) is { Success: true } before)
            {
                var (one, other) = (Named(sentence.Value[..before.Index], offered), Named(sentence.Value[before.Index..], offered));

                // "Before B, call A" says the same as "call A before B".
                var (first, then) = before.Index < 12 && other.Count >= 2 ? (other[1..], other[..1]) : (one, other);
                if (first.Count == 1 && then.Count == 1 && first[0] != then[0])
                {
                    yield return new OrderRule(first, then, sentence.Value.Trim());
                }
                else if (Authenticate().IsMatch(sentence.Value) && offered.Where(IsAuthentication).ToList() is { Count: > 0 } checks)
                {
                    var words = Word().Matches(sentence.Value[before.Index..]).Select(match => match.Value.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
                    yield return new OrderRule(checks, [.. tools.Where(tool => !checks.Contains(tool.Name) && (ToolWords.Writes(tool.Name) || Speaks(tool, words))).Select(tool => tool.Name)], sentence.Value.Trim());
                }
            }
            else if (OnlyCallAfter().Match(sentence.Value) is { Success: true } only
                && Named(only.Groups["late"].Value, offered) is [var last] && Named(only.Groups["early"].Value, offered) is [var needed, ..] && last != needed)
            {
                yield return new OrderRule([needed], [last], sentence.Value.Trim());
            }
            else if (OnlyAfter().Match(sentence.Value) is { Success: true } after
                && Named(sentence.Value[..after.Index], offered) is [var late] && Named(sentence.Value[after.Index..], offered) is [var early, ..] && late != early)
            {
                yield return new OrderRule([early], [late], sentence.Value.Trim());
            }
        }

        // "First run A. … Then B": the two may stand in two sentences or items of a list.
        if (FirstThen().Match(text) is { Success: true } steps && Named(steps.Groups["first"].Value, offered) is [var start] && Named(steps.Groups["then"].Value, offered) is [var next, ..] && start != next)
        {
            yield return new OrderRule([start], [next], steps.Value.Trim());
        }
    }

    // Whether a tool's name or its arguments are about what the rule speaks of.
    private static bool Speaks(OfferedTool tool, HashSet<string> words) => ToolWords.Of(tool.Name)
        .Concat(tool.Schema.ValueKind == System.Text.Json.JsonValueKind.Object && tool.Schema.TryGetProperty("properties", out var properties) && properties.ValueKind == System.Text.Json.JsonValueKind.Object
            ? properties.EnumerateObject().SelectMany(property => ToolWords.Of(property.Name)) : [])
        .Any(word => word.Length > 3 && words.Contains(word));

    // The tools that a text names, in the order in which it does, also with spaces for underscores.
    private static List<string> Named(string text, List<string> offered) =>
    [
        .. offered.Where(tool => tool.Length > 4).Select(tool => (tool, Match: Regex.Match(text, $@"(?<![\w-]){string.Join(@"[\s_-]?", ToolWords.Of(tool).Select(Regex.Escape))}(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))))
            .Where(pair => pair.Match.Success).OrderBy(pair => pair.Match.Index).Select(pair => pair.tool),
    ];

    // The call that had to succeed and did not: it failed, or its answer let nothing pass, and neither a later look at it nor the user said otherwise.
    private static ToolStep? Refused(AgentRun run, ToolStep early, OrderRule rule)
    {
        var topics = rule.First.SelectMany(ToolWords.Of).Where(static word => word.Length > 4 && !ToolWords.IsCommonVerb(word) && word is not "request").ToHashSet(StringComparer.Ordinal);
        var earlier = run.Tools.Where(call => call.Number < early.Number && (rule.First.Contains(call.Tool) || ToolWords.Of(call.Tool).Any(topics.Contains))).ToList();
        var last = earlier.FindLast(call => rule.First.Contains(call.Tool))!;
        var hasAgreed = run.Models.Where(model => model.Number > last.Number && model.Number < early.Number).SelectMany(static model => model.Input)
            .Any(static message => message.Role == "user" && message.Texts.Any(static text => RuleWords.SaysYes(text.Text)));
        return !hasAgreed && earlier.TrueForAll(static call => call.Failure is not null || OrderRules.Denial(call) is not null) ? last : null;
    }

    private static bool IsAuthentication(string tool) => ToolWords.Of(tool).Any(word => word is "authenticate" or "authentication" or "auth" or "verify" or "identify" or "login" or "identity");

    private static Finding Describe(AgentRun run, ToolStep early, Passage text, OrderRule rule, ToolStep? refused = null)
    {
        var asker = (AgentStep?)early.Asker ?? early;
        var first = string.Join(" or ", rule.First.Take(3).Select(tool => Words.Name(tool)));
        var late = run.Tools.FirstOrDefault(call => call.Number > early.Number && rule.First.Contains(call.Tool));
        var instead = late is null ? $"was never called{(MethodVersion.IsBefore(5) ? "" : " in this run")}" : Words.IsUnknown(late.Node.StartNs) && !MethodVersion.IsBefore(5) ? "was called only later" : $"was called only{Words.At(late.Node.StartNs)}";
        var quote = rule.Quote.Length <= 200 ? rule.Quote : rule.Quote[..200].TrimEnd('\ud800', '\udbff');
        List<Fact> facts =
        [
            early.Call?.Place.Say($"{StepFindings.Say(asker)} asks for {StepFindings.Say(early)}.") ?? new Fact(early.Node.SpanId, $"{StepFindings.Say(early)} was called{Words.At(early.Node.StartNs)}.", "/start_ts"),
            text.Say("The instruction.", quote),
        ];
        var without = $"without {first} before it, which its instructions ask for ({StepFindings.Quote(rule.Quote, 120)}); {first} {instead}";
        if (refused is not null)
        {
            var answered = OrderRules.Denial(refused);
            facts.Add(refused.Failure?.Evidence ?? refused.Result!.Say($"{StepFindings.Say(refused)} answered so.", "", answered));
            without = $"although {StepFindings.Say(refused)}, which has to succeed first as its instructions say ({StepFindings.Quote(rule.Quote, 120)}), {(answered is null ? "had failed" : $"had answered {StepFindings.Quote(answered, 60)}")}";
        }
        else if (late is { IsRecorded: true })
        {
            facts.Add(new Fact(late.Node.SpanId, $"{StepFindings.Say(late)} was called{Words.At(late.Node.StartNs)}.", "/start_ts"));
        }

        return StepFindings.At(
            asker, "tool_order", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(early)}{Words.At(early.Node.StartNs)} {without}.",
            facts, $"Have {StepFindings.Say(early)} refuse to run until {first} has succeeded, instead of leaving the order to the model.", "tool_order",
            explains: [early, .. late is null ? (AgentStep[])[] : [late]]);
    }

    [GeneratedRegex(@"[^.!?\n]+[.!?]?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\b(?:before|prior to)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Before();

    [GeneratedRegex(@"\b(?:only after|not\b.{0,40}\buntil|never\b.{0,60}\bwithout|without (?:first |having )?(?:call|run|us)|must be preceded by|requires? (?:a |an |that )?(?:prior|earlier|successful|call))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OnlyAfter();

    [GeneratedRegex(@"\bonly\b(?<late>[^.\n]{1,80}?)\bafter\b(?<early>[^.\n]{1,120})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OnlyCallAfter();

    [GeneratedRegex(@"\bfirst\b(?<first>[^.;\n]{3,160})[.;,\n](?<between>(?:[^\n]*\n){0,2}?[^\n]{0,20}?)\b(?:then|next|afterwards|after that)\b(?<then>[^.;\n]{3,160})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FirstThen();

    [GeneratedRegex(@"\b(?:authenticat\w*|verif(?:y|ied|ication)|identif\w*|log(?:ged)? in)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Authenticate();

    [GeneratedRegex(@"[A-Za-z]{4,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
