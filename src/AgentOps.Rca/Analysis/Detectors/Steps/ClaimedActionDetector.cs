using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// An answer that says in the first person what it did ("I've e-mailed the team", "I have cancelled it"), where no call of the run could have done it.
/// </summary>
internal sealed partial class ClaimedActionDetector : IDetector
{
    private const double Strength = 2.3;
    private const int MostText = 10_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { Text.Length: <= MostText } answer } || !KnowsAllCalls(run) || Draft().IsMatch(answer.Text)
            || run.SaidByUsers(model).Any(static text => Writing().IsMatch(text.Text)))
        {
            return [];
        }

        var descriptions = run.Models.SelectMany(static step => step.Offered.Values).DistinctBy(static tool => tool.Name).ToDictionary(static tool => tool.Name, static tool => tool.Description, StringComparer.Ordinal);
        foreach (var kind in Claims.Kinds)
        {
            if (kind.In(answer.Text) is { } claim && !run.Tools.Any(call => kind.MayBeDoneBy(call, descriptions.GetValueOrDefault(call.Tool))) && !IsBorneOut(run, claim))
            {
                return [Describe(run, model, answer, claim)];
            }
        }

        return [];
    }

    // What a call that changes something gave back, such as the number of a voucher, is not told of nothing.
    private static bool IsBorneOut(AgentRun run, string claim) => Identifiers.In(claim) is { Count: > 0 } ids
        && run.Tools.Any(call => call is { Failure: null, Result: not null } && !ToolWords.LooksUp(call.Tool) && ids.Any(id => call.Result.Text.Contains(id, StringComparison.Ordinal) && call.Arguments?.Text.Contains(id, StringComparison.Ordinal) != true));

    // Calls of an earlier conversation, of another agent or of a part that was left out may have done it.
    private static bool KnowsAllCalls(AgentRun run) => !run.IsCut && run.Models.All(static model => model.HasContent) && (run.Tools.Count > 0 || run.Models.Any(static model => model.Offered.Count > 0))
        && !run.Tools.Any(static tool => tool.IsHandoff || tool.Arguments is null || ToolWords.Of(tool.Tool).Any(static word => word is "agent" or "subagent" or "delegate" or "assistant" or "task" or "expert" or "handoff"))
        && run.Models.Select(static model => model.Agent).Distinct().Count() == 1
        && !run.Models.SelectMany(static model => model.Input).Any(message => message.Calls.Any(call => run.Tools.All(tool => tool.CallId != call.Id)));

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, string claim)
    {
        var names = run.Tools.Select(static tool => Words.Name(tool.Tool)).Distinct().ToList();
        var calls = names.Count == 0 ? "no tool was called in this run"
            : $"none of the {Words.Count(run.Tools.Count, "call")} of this run could have done it: {string.Join(", ", names.Take(5))}{(names.Count > 5 ? " and others" : "")}";
        return StepFindings.At(
            model, "claimed_action", "claimed_without_action", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the user {StepFindings.Quote(claim)}, but {(run.Tools.Count == 1 ? $"the only call of this run, {names[0]}, could not have done it" : calls)}.",
            [
                answer.Say("What the answer claims.", StepFindings.Head(claim)),
                .. run.Tools.TakeLast(3).Select(static tool => tool.Call?.Place.Say($"{StepFindings.Say(tool)} was called.") ?? new Fact(tool.Node.SpanId, $"{StepFindings.Say(tool)} was called{Words.At(tool.Node.StartNs)}.", "/start_ts")),
            ],
            "Check what the answer says that was done against the calls that were made, and have it say what was not done.", "claimed_without_action");
    }

    // What is written for somebody to send speaks in the first person of what that person did.
    [GeneratedRegex(@"(?:^|\n)\W{0,4}(?:Subject|Betreff|Objet|Asunto)\W{0,3}:|(?:^|\n)\s*(?:Dear|Hi|Hello|Hallo|Liebe[rs]?|Sehr geehrte|Bonjour|Ch[eè]re?|Estimad[oa]|Hola)\b[^\n]{0,40},\s*\n|\b(?:here(?:['’]s| is) (?:a|the|your|my) (?:\w+ )?(?:draft|template|reply|response|e-?mail|text)|Best regards|Kind regards|Sincerely|Mit freundlichen)|```", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Draft();

    [GeneratedRegex(@"\b(?:writ(?:e|ing)|draft|compose|word|phrase|rewrite|rephrase|translat\w+|proofread|template|role-?play|pretend|schreibe?|formuliere?|übersetze?|rédige[rz]?|écri[st]|tradui[st]|redacta|escribe|traduce)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Writing();
}
