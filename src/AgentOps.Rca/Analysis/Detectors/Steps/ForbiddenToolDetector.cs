using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A tool that was called although a sentence of the instructions, or of the user, forbids its use by name and without a condition.
/// </summary>
internal sealed class ForbiddenToolDetector : IDetector
{
    // Above a failure that the agent went around with it, below an instruction in a result that made it do so.
    private const double Strength = 2.7;
    private const int MostText = 50_000;
    private const int MostOfUser = 4_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        foreach (var call in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false } && RuleWords.IsName(tool.Tool)).DistinctBy(static tool => tool.Tool))
        {
            var own = run.Instructions.Where(text => text.Text.Length <= MostText && RuleWords.IsGivenTo(run, text, call)).Select(text => (Text: text, Ban: BanIn(text.Text, call.Tool))).FirstOrDefault(static pair => pair.Ban is not null);
            if (own.Ban is not null)
            {
                findings.Add(Describe(call, own.Text, own.Ban, "its instructions forbid"));
            }
            else if (OfUser(run, call) is { } users)
            {
                findings.Add(Describe(call, users.Text, users.Ban, "the user had forbidden"));
            }
        }

        return findings;
    }

    // What a user said later may have allowed it.
    private static (Passage Text, string Ban)? OfUser(AgentRun run, ToolStep call)
    {
        (Passage Text, string Ban)? found = null;
        foreach (var text in UserTurns.Before(run, call).Where(static text => text.Text.Length <= MostOfUser))
        {
            found = BanIn(text.Text, call.Tool) is { } ban ? (text, ban)
                : RuleWords.IndexOf(text.Text, call.Tool) >= 0 || RuleWords.SaysYes(text.Text) ? null : found;
        }

        return found;
    }

    private static string? BanIn(string text, string tool)
    {
        if (RuleWords.IndexOf(text, tool) < 0)
        {
            return null;
        }

        string? ban = null;
        foreach (var sentence in Sentences.In(text))
        {
            var isNamed = RuleWords.IndexOf(sentence, tool) >= 0;
            if (isNamed && IsBan(sentence, tool))
            {
                ban ??= sentence;
            }
            else if (isNamed ? Allows(sentence) : ban is not null && sentence.StartsWith("Exception", StringComparison.OrdinalIgnoreCase))
            {
                // Said elsewhere when it may be used: then the ban is not all that is said of it.
                return null;
            }
        }

        return ban;
    }

    private static bool Allows(string sentence) => RuleWords.IsConditional(sentence) || RuleWords.IsOptional(sentence)
        || sentence.Contains("only", StringComparison.OrdinalIgnoreCase) || sentence.StartsWith("use ", StringComparison.OrdinalIgnoreCase) || sentence.StartsWith("call ", StringComparison.OrdinalIgnoreCase);

    private static bool IsBan(string sentence, string tool)
    {
        if (RuleWords.IsConditional(sentence))
        {
            return false;
        }

        for (var at = RuleWords.IndexOf(sentence, tool); at >= 0; at = RuleWords.IndexOf(sentence, tool, at + 1))
        {
            var (before, after) = (BeforeList(sentence[..at]), AfterList(sentence[(at + tool.Length)..]));
            if (RuleWords.ForbidsNext(before) && RuleWords.EndsBan(after))
            {
                return true;
            }

            // The last tool that is named before the ban is the one that it is about.
            if (RuleWords.ForbiddenBy(after) is { } rest && !RuleWords.Names(after[..^rest.Length]).Any() && RuleWords.EndsBan(rest))
            {
                return true;
            }
        }

        return false;
    }

    // "Never use A, B or C": each of them is meant.
    private static string BeforeList(string before)
    {
        while (true)
        {
            var bare = before.TrimEnd(' ', '`', '\'', '"', '*', ',');
            bare = bare.EndsWith(" or", StringComparison.Ordinal) || bare.EndsWith(" nor", StringComparison.Ordinal) ? bare[..bare.LastIndexOf(' ')].TrimEnd(' ', ',', '`', '\'', '"', '*') : bare;
            if (bare.Length == before.TrimEnd(' ', '`', '\'', '"', '*').Length || RuleWords.Names(bare[(bare.LastIndexOf(' ') + 1)..]).LastOrDefault() is not { } last || !bare.EndsWith(last, StringComparison.Ordinal))
            {
                return before;
            }

            before = bare[..^last.Length];
        }
    }

    private static string AfterList(string after)
    {
        while (true)
        {
            var bare = after.TrimStart(' ', '`', '\'', '"', '*', ',');
            var word = bare.StartsWith("or ", StringComparison.Ordinal) ? bare[3..] : bare.StartsWith("nor ", StringComparison.Ordinal) ? bare[4..] : bare.StartsWith("and ", StringComparison.Ordinal) ? bare[4..] : bare;
            word = word.TrimStart(' ', '`', '\'', '"', '*');
            if (word.Length == after.Length || RuleWords.Names(word).FirstOrDefault() is not { } next || !word.StartsWith(next, StringComparison.Ordinal))
            {
                return after;
            }

            after = word[next.Length..];
        }
    }

    private static Finding Describe(ToolStep call, Passage text, string ban, string whose)
    {
        var asker = (AgentStep?)call.Asker ?? call;
        return StepFindings.At(
            asker, "forbidden_tool", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)}, which {whose} ({StepFindings.Quote(ban)}).",
            [
                call.Call?.Place.Say($"{StepFindings.Say(asker)} asks for {StepFindings.Say(call)}.") ?? new Fact(call.Node.SpanId, $"{StepFindings.Say(call)} was called{Words.At(call.Node.StartNs)}.", "/start_ts"),
                text.Say("What forbids it.", StepFindings.Head(ban)),
            ],
            $"Do not offer {Words.Name(call.Tool)} where it must not be used, or have it refuse, instead of forbidding it in words.", "forbidden_tool", explains: [call]);
    }
}
