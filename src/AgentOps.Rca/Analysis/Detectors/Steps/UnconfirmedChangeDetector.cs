using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A change that was made where the instructions want an explicit yes to it, and the user's last words were a question: nothing had been proposed, and nobody had agreed.</summary>
internal sealed partial class UnconfirmedChangeDetector : IDetector
{
    private const double Strength = 2.3;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run.Instructions.SelectMany(static text => Sentences.In(text.Text).Where(static sentence => Rule().IsMatch(sentence)).Select(sentence => (Text: text, Words: sentence))).FirstOrDefault() is not { Text: { } rule } found)
        {
            return [];
        }

        foreach (var call in Changes.In(run).Where(static call => Altering().IsMatch(call.Tool)))
        {
            var said = UserTurns.Before(run, call).ToList();

            // Who has said that something is to be changed may only want to know what it comes to.
            if (said is [.., var last] && IsQuestion(last.Text) && !said.Exists(static text => Altering().IsMatch(text.Text)) && !IsProposed(run, call))
            {
                return [Describe(call, last, rule, found.Words)];
            }
        }

        return [];
    }

    // “Could you cancel it?” asks for it; “what would that be?” does not.
    private static bool IsQuestion(string text) => text.TrimEnd().EndsWith('?') && !Asks().IsMatch(text) && !RuleWords.SaysYes(Sentences.In(text).Last());

    // What an assistant had put to the user before: the value that the call was given, or the deed itself.
    private static bool IsProposed(AgentRun run, ToolStep call)
    {
        var stems = ToolWords.Of(call.Tool).Where(static word => word.Length > 3 && ToolWords.Writes(word)).Select(RuleWords.Stem).ToList();
        var values = Changes.GivenTo(call).Select(static given => given.Value.ToString()).Where(value => value.Length > 3 && !run.SaidByUsers().Any(user => user.Text.Contains(value, StringComparison.OrdinalIgnoreCase))).ToList();
        return Changes.HasProposed(run, call, text => values.Exists(value => text.Contains(value, StringComparison.OrdinalIgnoreCase)) || stems.Exists(stem => text.Contains(stem, StringComparison.OrdinalIgnoreCase)));
    }

    private static Finding Describe(ToolStep call, Passage last, Passage rule, string words)
    {
        var name = StepFindings.Say(call);
        var question = Sentences.In(last.Text).Last();
        return StepFindings.At(
            call.Asker!, "unconfirmed_change", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(call.Asker!)} called {name}{Words.At(call.Node.StartNs)} though the user had only asked {StepFindings.Quote(question, 100)} and nobody had put the change to the user before; the instructions say {StepFindings.Quote(words, 140)}.",
            [
                call.Arguments!.Say($"{name} was called with this."),
                last.Say("The user's last words before it.", StepFindings.Head(question)),
                rule.Say("What the instructions say.", StepFindings.Head(words)),
            ],
            $"Have code hold {name} back until the user has agreed to what it will do.", "unconfirmed_change", explains: [call]);
    }

    [GeneratedRegex(@"\bexplicit\w*\s+(?:\w+\s+)?(?:yes|confirm\w*|consent|agree\w*|approval)|\b(?:obtain|get|ask for|wait for|await)\s+(?:\w+['’]?s?\s+){0,3}(?:explicit |clear )?(?:yes|confirmation|consent|agreement|go-ahead)\b|\bconfirm\w*\b[^.\n]{0,60}\bbefore\b|\bbefore\b[^.\n]{0,80}\b(?:confirm\w*|explicit yes|consent)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Rule();

    [GeneratedRegex(@"cancel|change|modify|update|exchange|return|book|order|delete|remove|upgrade|downgrade|switch|transfer|pay|refund|terminate|close|purchase|subscribe", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Altering();

    [GeneratedRegex(@"\b(?:can|could|would|will) (?:you|we|i)\b|\bplease\b|\b(?:i|we) (?:want|need|would like|['’]d like)\b|\bi['’]d like\b|\bbitte\b|\bs['’]il\b|\bpor favor\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Asks();
}
