using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A call that was refused because of the state that the run itself had made: an earlier call wrote to the same record. When what was refused
/// had been asked for before that write, the write came too early and is the cause; else the refused call is.
/// </summary>
internal sealed class OwnWriteDetector : IDetector
{
    private const double Strength = 2.4;
    private const double Hint = 0.55;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        foreach (var refused in run.Tools.Where(tool => tool is { Failure.Category: not ("timeout" or "unreachable" or "rate_limited" or "server_error"), Outcome: not FailureOutcome.Repaired, Arguments: not null }))
        {
            if (ToolWords.Writes(refused.Tool) && WriteBefore(run, refused) is { } write && IsAboutState(refused.Failure!))
            {
                findings.Add(Describe(run, refused, write));
            }
        }

        return findings;
    }

    private static ToolStep? WriteBefore(AgentRun run, ToolStep refused)
    {
        var ids = Identifiers.In(refused.Arguments!.Text);
        return run.Tools.LastOrDefault(tool => tool.Number < refused.Number && tool is { Failure: null, Arguments: not null } && tool.Tool != refused.Tool
            && ToolWords.Writes(tool.Tool) && Identifiers.In(tool.Arguments.Text).Overlaps(ids));
    }

    private static bool IsAboutState(StepFailure failure) => failure.Category is "conflict" or "access_denied" or "bad_arguments" or "error" or "not_found"
        && (failure.Category == "conflict" || StateWords.IsIn(failure.Words));

    private static Finding Describe(AgentRun run, ToolStep refused, ToolStep write)
    {
        var subject = ToolWords.Subjects(refused.Tool).LastOrDefault();
        var askedBefore = subject is not null && run.SaidByUsers((AgentStep?)write.Asker ?? write).Any(text => text.Text.Contains(subject, StringComparison.OrdinalIgnoreCase));
        var (cause, other) = askedBefore ? (write, refused) : (refused, write);
        var shared = Identifiers.In(refused.Arguments!.Text);
        shared.IntersectWith(Identifiers.In(write.Arguments!.Text));
        var id = Words.Short(shared.Order(StringComparer.Ordinal).First(), 60);
        return StepFindings.At(
            (AgentStep?)cause.Asker ?? cause, "own_write", "order_of_calls", refused.Outcome is FailureOutcome.Handled ? Proof.Hint : Proof.Causal, refused.Outcome is FailureOutcome.Handled ? Hint : Strength,
            $"{StepFindings.Say(refused)} for {id} was refused{Words.At(refused.Node.StartNs)} ({StepFindings.Quote(refused.Failure!.Words, 120)}) after {StepFindings.Say(write)} had changed {id}{Words.At(write.Node.StartNs)}"
                + (askedBefore ? $"; both had been asked for before, so {StepFindings.Say(write)} was called too early." : "."),
            [
                refused.Failure.Evidence,
                write.Arguments.Say($"{StepFindings.Say(write)} was called with {id}{Words.At(write.Node.StartNs)}."),
                refused.Arguments.Say($"{StepFindings.Say(refused)} was called with {id}{Words.At(refused.Node.StartNs)}."),
                .. cause.Asker is { } asker ? (Fact[])[cause.Call?.Place.Say($"{StepFindings.Say(asker)} asks for {StepFindings.Say(cause)}.") ?? new Fact(asker.Node.SpanId, $"{StepFindings.Say(asker)} was the model call before {StepFindings.Say(cause)}.", "/tool")] : [],
            ],
            $"Say in the instructions that {StepFindings.Say(refused)} has to come before {StepFindings.Say(write)}, or let the tool tell what it locks.", "own_write",
            explains: [refused, other, .. new[] { refused.Asker, write.Asker }.OfType<ModelStep>()]);
    }
}

/// <summary>Words that say that the state of a record stands against what was asked.</summary>
internal static partial class StateWords
{
    public static bool IsIn(string text) => Pattern().IsMatch(text);

    [System.Text.RegularExpressions.GeneratedRegex(@"\b(?:non-\w+|already|no longer|cannot be (?:modified|changed|cancelled|updated|exchanged|returned)|not (?:pending|open|editable|active|delivered)|locked|closed|cancell?ed|processed|shipped|finali[sz]ed|in (?:this|its current) state)\b",
        System.Text.RegularExpressions.RegexOptions.IgnoreCase | System.Text.RegularExpressions.RegexOptions.CultureInvariant, 1000)]
    private static partial System.Text.RegularExpressions.Regex Pattern();
}
