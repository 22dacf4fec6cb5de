using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Something that needs an approval, as the instructions say, and was done while the approval that the run itself had asked for was still pending, or after it was denied.</summary>
internal sealed partial class PendingApprovalDetector : IDetector
{
    private const double Strength = 2.7;
    private static readonly string[] States = ["pending", "requested", "waiting", "awaiting", "submitted", "open", "in_review", "under_review", "denied", "rejected", "declined"];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        ResultValue? open = null;
        foreach (var tool in run.Tools.Where(static tool => tool is { Failure: null, Result: not null }))
        {
            if (IsOfApprovals(tool) && StateOf(tool) is { } state)
            {
                open = IsOpen(state.Value.GetString()!) ? state : null;
            }
            else if (open is { Source: { } approval } && tool.Asker is not null && Changes.Act(tool.Tool) && !IsOfApprovals(tool) && !Telling().IsMatch(tool.Tool) && !Changes.HasUserSpoken(run, approval, tool)
                && RuleOf(run, tool) is { } rule && SharesSubject(approval, tool))
            {
                return [Describe(tool, open, rule)];
            }
        }

        return [];
    }

    private static bool IsOfApprovals(ToolStep tool) => ToolWords.Of(tool.Tool).Any(static word => word.StartsWith("approv", StringComparison.Ordinal) || word is "signoff" or "permission" or "authorization" or "clearance");

    private static ResultValue? StateOf(ToolStep tool) => ResultValue.In(tool, tool.Result!.Value).Find(static value => value.Value.ValueKind == JsonValueKind.String && ToolWords.Of(value.Name) is [.., "state" or "status" or "decision" or "outcome"]);

    private static bool IsOpen(string state) => Array.IndexOf(States, string.Join('_', ToolWords.Of(state))) >= 0;

    // A record that both name, so that the approval is of this.
    private static bool SharesSubject(ToolStep approval, ToolStep tool) => approval.Arguments is { } asked && tool.Arguments is { } given
        && Identifiers.In(asked.Text).Concat(Identifiers.In(approval.Result!.Text)).Intersect(Identifiers.In(given.Text), StringComparer.OrdinalIgnoreCase).Any();

    private static (Passage Text, string Words)? RuleOf(AgentRun run, ToolStep tool)
    {
        foreach (var text in run.Instructions.Concat(run.SaidByUsers(tool.Asker)))
        {
            if (Sentences.In(text.Text).FirstOrDefault(static sentence => Rule().IsMatch(sentence)) is { } sentence)
            {
                return (text, sentence);
            }
        }

        return null;
    }

    private static Finding Describe(ToolStep tool, ResultValue state, (Passage Text, string Words) rule)
    {
        var asker = (AgentStep?)tool.Asker ?? tool;
        var source = StepFindings.Say(state.Source);
        return StepFindings.At(
            asker, "pending_approval", "policy_violation", Proof.Causal, Strength,
            $"{StepFindings.Say(asker)} called {StepFindings.Say(tool)}{Words.At(tool.Node.StartNs)} while the approval was {StepFindings.Quote(state.Value.GetString()!, 40)}, as {source} had answered{Words.At(state.Source.Node.EndNs)}; the rule is {StepFindings.Quote(rule.Words, 140)}, and nothing in between gives it.",
            [
                tool.Arguments?.Say($"{StepFindings.Say(tool)} was called with this.") ?? new Fact(tool.Node.SpanId, $"{StepFindings.Say(tool)} was called{Words.At(tool.Node.StartNs)}.", "/start_ts"),
                state.Say($"What {source} had answered."),
                rule.Text.Say("The rule.", StepFindings.Head(rule.Words)),
            ],
            $"Have code refuse {StepFindings.Say(tool)} until the approval is given, instead of leaving it to the model to wait.", "pending_approval", explains: [tool]);
    }

    [GeneratedRegex(@"\b(?:only (?:after|once|when|if|with)|not (?:before|until|without)|until|before|must|needs?|requires?|without|never)\b[^.\n]{0,140}\bapprov\w*|\bapprov\w*[^.\n]{0,100}\b(?:before|first|required|needed|necessary)\b|\b(?:erst (?:nach|wenn)|nur (?:nach|mit|wenn)|ohne)\b[^.\n]{0,120}(?:Freigabe|freigegeben|Genehmigung|genehmigt)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Rule();

    // To tell of it, to draft or to hold it is not to do it.
    [GeneratedRegex(@"notify|message|mail|comment|note|log|draft|remind|escalat|hold|flag|cancel|revoke|withdraw|request|ticket|prepare|schedule_check|wait", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Telling();
}
