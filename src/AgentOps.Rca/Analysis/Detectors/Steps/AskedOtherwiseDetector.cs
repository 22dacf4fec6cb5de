using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>One argument of a call, and the words of a user that it contradicts.</summary>
/// <param name="Given">The argument.</param>
/// <param name="Shown">What of it contradicts.</param>
/// <param name="User">What the user said.</param>
/// <param name="Words">The words of it that are contradicted.</param>
/// <param name="Why">How both are known to be of the same, as the end of a sentence.</param>
internal sealed record AskedOtherwise(ResultValue Given, string Shown, Passage User, string Words, string Why);

/// <summary>
/// An argument of a call that says another thing than the user did, who had said only one of the kind: a time of the day, a day of the week, how many or how
/// much in words, a currency, a time zone, one of several records, what is to be left out, or the state of the rows that are wanted.
/// </summary>
internal sealed class AskedOtherwiseDetector : IDetector
{
    private const double Strength = 2.4;

    private static readonly Func<AgentRun, ToolStep, List<Passage>, AskedOtherwise?>[] OfChanges =
        [AskedRecord.Find, AskedClock.Find, AskedWeekday.Find, AskedNumber.OfCount, AskedNumber.OfMoney, AskedPlace.OfCurrency, AskedPlace.OfZone];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var call in Changes.CallsIn(run).Where(static call => Changes.Act(call.Tool)))
        {
            if (Changes.SaidBefore(run, call) is { Count: > 0 } said && OfChanges.Select(find => find(run, call, said)).FirstOrDefault(static found => found is not null) is { } found)
            {
                return [Describe(run, call, found)];
            }
        }

        foreach (var call in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Asker: not null, Arguments: not null }))
        {
            if (Changes.SaidBefore(run, call) is { Count: > 0 } said && (AskedRows.OfFlag(run, call, said) ?? AskedRows.OfFilter(run, call, said) ?? AskedRows.OfComparison(run, call, said)) is { } found)
            {
                return [Describe(run, call, found)];
            }
        }

        return [];
    }

    private static Finding Describe(AgentRun run, ToolStep call, AskedOtherwise found)
    {
        var name = found.Given.Name.Length > 0 ? $" as {Words.Name(found.Given.Name)}" : "";
        return StepFindings.At(
            call.Asker!, "asked_otherwise", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(call.Asker!)} called {StepFindings.Say(call)}{Words.At(call.Node.StartNs)} with {StepFindings.Quote(found.Shown, 60)}{name}, but the user had said {StepFindings.Quote(found.Words, 80)}{found.Why}.",
            [
                call.Arguments!.Say($"{StepFindings.Say(call)} was given this.", found.Given.Pointer, found.Shown),
                found.User.Say("What the user had said.", found.Words),
            ],
            $"Have {StepFindings.Say(call)} give back in words what it was given, and hold it against what the user said before it is done.", "asked_otherwise",
            explains: [call, .. run.Answering is { } answering ? (AgentStep[])[answering] : []]);
    }
}
