using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// One agent said that something must not be done yet (“do not publish: the figure is wrong”), and it was done all the same: nothing was changed in between, nobody took it back, and no user spoke.
/// </summary>
internal sealed partial class UnheededVerdictDetector : IDetector
{
    private const double Strength = 2.5;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        (ModelStep Model, Passage Said, Match Verdict)? open = null;
        foreach (var step in run.Steps)
        {
            switch (step)
            {
                case ModelStep model:
                    if (open is not null && model.Number > open.Value.Model.Number && model.Input.Exists(static message => message.Role == "user" && message.Texts.Exists(static text => text.Text.Trim().Length > 0 && !Verdict().IsMatch(text.Text))))
                    {
                        open = null;
                    }

                    foreach (var said in model.Said)
                    {
                        open = Verdict().Match(said.Text) is { Success: true } verdict && !Conditional().IsMatch(said.Text[..verdict.Index]) ? (model, said, verdict) : Cleared().IsMatch(said.Text) ? null : open;
                    }

                    break;
                case ToolStep { Failure: null, IsHandoff: false } call when open is { } told && call.Number > told.Model.Number:
                    if (IsOf(call, told.Verdict.Groups["verb"].Value))
                    {
                        return [Describe(call, told)];
                    }

                    // What was wrong may have been put right, or somebody may have said that it is.
                    open = ToolWords.Writes(call.Tool) || call.Commands.Count > 0 || (call.Result is { } result && Cleared().IsMatch(result.Text)) ? null : open;
                    break;
            }
        }

        return [];
    }

    private static bool IsOf(ToolStep call, string verb)
    {
        var stem = verb.ToLowerInvariant();
        return call.Commands.Count == 0 && ToolWords.Of(call.Tool).Any(word => word.StartsWith(stem, StringComparison.Ordinal) || (stem.EndsWith('e') && word.StartsWith(stem[..^1] + "ing", StringComparison.Ordinal)))
            && !ToolWords.LooksUp(call.Tool);
    }

    private static Finding Describe(ToolStep call, (ModelStep Model, Passage Said, Match Verdict) told)
    {
        var asker = (AgentStep?)call.Asker ?? call;
        var speaker = told.Model.Agent is { Length: > 0 } agent ? Words.Name(agent) : StepFindings.Say(told.Model);
        return StepFindings.At(
            asker, "unheeded_verdict", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} although {speaker} had said {StepFindings.Quote(told.Said.Text[told.Verdict.Index..], 140)}; nothing was changed in between, and nobody took it back.",
            [
                call.Arguments?.Say($"{StepFindings.Say(call)} was called with this.") ?? new Fact(call.Node.SpanId, $"{StepFindings.Say(call)} was called{Words.At(call.Node.StartNs)}.", "/start_ts"),
                told.Said.Say($"What {speaker} had said.", told.Verdict.Value),
            ],
            $"Have code hold {StepFindings.Say(call)} back until whoever checks has said yes, instead of leaving it to a model to heed a no.", "unheeded_verdict", explains: [call]);
    }

    [GeneratedRegex(@"\b(?:do not|don['’]t|must not|should not|shouldn['’]t|cannot be|can['’]t be|may not be|not (?:yet )?(?:ready|approved|cleared|fit|safe) (?:to be|to|for))\s+(?:be\s+)?(?<verb>publish|send|merge|deploy|release|submit|pay|book|ship|approve|delete|transfer|sign|order|refund|post|launch)(?:ed|d|ing|ment)?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Verdict();

    // What holds in a case that has not come, or tells of others' rules.
    [GeneratedRegex(@"\b(?:if|unless|when|in case|whenever|otherwise|so that (?:we|you|they)|policy|rule|I)\b[^.!?\n]{0,80}\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Conditional();

    [GeneratedRegex(@"\b(?:approved?|approval (?:given|granted)|cleared|go ahead|good to go|ok(?:ay)? to|ready to|fixed|corrected|resolved|lgtm|looks good|can (?:now )?be|verified)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Cleared();
}
