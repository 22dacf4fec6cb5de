using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A change that was taken back in words: right after it the user objects, or the agent itself says that it can no longer do what was asked
/// because of it. Signs, not proof: people change their minds.
/// </summary>
internal sealed partial class ObjectionDetector : IDetector
{
    private const double Objected = 0.6;
    private const double Admitted = 0.58;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        ToolStep? changed = null;
        foreach (var model in run.Models)
        {
            foreach (var text in model.Input.Where(message => message.Role == "user").SelectMany(message => message.Texts))
            {
                if (changed is not null && Objects().Match(text.Text) is { Success: true } match)
                {
                    findings.Add(Describe(changed, text, match.Value, "the user then objected", Objected));
                    changed = null;
                }
            }

            foreach (var said in model.Said)
            {
                if (changed is not null && Admits().Match(said.Text) is { Success: true } match)
                {
                    findings.Add(Describe(changed, said, match.Value, "the agent then said that it could no longer do what was asked", Admitted));
                    changed = null;
                }
            }

            changed = model.Asked.LastOrDefault(call => call is { Failure: null, IsHandoff: false } && ToolWords.Writes(call.Tool)) ?? changed;
        }

        return findings;
    }

    private static Finding Describe(ToolStep call, Passage said, string words, string what, double strength) => StepFindings.At(
        (AgentStep?)call.Asker ?? call, "objection", "unwanted_change", Proof.Hint, strength,
        $"{StepFindings.Say(call)} changed something{Words.At(call.Node.StartNs)}, and {what}: {StepFindings.Quote(said.Text, 140)}.",
        [
            call.Arguments?.Say($"{StepFindings.Say(call)} was called with this.") ?? new Fact(call.Node.SpanId, $"{StepFindings.Say(call)} was called.", "/tool"),
            said.Say("What was said then.", words),
        ],
        $"Check whether the request asked for this call of {StepFindings.Say(call)}, and have such changes confirmed with all that they entail.", "objection", explains: [call]);

    [GeneratedRegex(@"^\W*(?:no|wait|hold on|hey|what)\b[^.!?]{0,20}[,.!?][^.]{0,80}\b(?:don['’]t|do not|didn['’]t|did not|wrong|not what|instead|shouldn['’]t|why)\b|\bi (?:only|just) (?:wanted|meant|asked)\b|\bthat(?:['’]s| is|['’]s| was) (?:not what|wrong|a mistake|incorrect)\b|\bnot what i (?:asked|wanted|meant)\b|\bi (?:didn['’]t|did not|never) (?:ask|want|authori[sz]e|agree|approve|request)\b|\bwhy (?:did|have|was|were|would) (?:you|my|the|it)\b|\byou (?:shouldn['’]t|should not) have\b|\b(?:undo|reverse|revert) (?:this|that|it)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Objects();

    [GeneratedRegex(@"\b(?:since|because|as|now that)\b[^.]{0,60}\b(?:has|have|had|was|were|is|are)\b[^.]{0,30}\b(?:modified|changed|cancell?ed|returned|exchanged|processed|updated|submitted|closed|completed|placed)\b[^.]{0,60}\b(?:can(?:not|['’]t| no longer)|could not|no longer|unable|not possible)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Admits();
}
