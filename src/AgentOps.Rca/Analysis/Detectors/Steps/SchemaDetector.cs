using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Arguments that break the JSON schema of the tool they are for. A call that was taken all the same is a hint only.</summary>
internal sealed class SchemaDetector : IDetector
{
    private const double Strength = 2.7;
    private const int MostProblems = 4;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<(ToolStep Call, IReadOnlyList<SchemaProblem> Problems)> broken = [];
        foreach (var call in run.Tools)
        {
            if (call is { Asker: { } model, Call: { Arguments: { } arguments } asked }
                && (model.Offered.GetValueOrDefault(asked.Name) ?? model.Offered.GetValueOrDefault(call.Tool)) is { } offered
                && JsonSchema.Check(arguments.Value, offered.Schema) is { Count: > 0 } problems)
            {
                broken.Add((call, problems));
            }
        }

        return [.. broken.GroupBy(pair => (pair.Call.Tool, WasTaken(pair.Call))).Select(group => Describe(run, [.. group], group.Key.Item2))];
    }

    private static bool WasTaken(ToolStep call) => call.Failure is null && (call.IsRecorded || call.Told is not null);

    private static Finding Describe(AgentRun run, List<(ToolStep Call, IReadOnlyList<SchemaProblem> Problems)> broken, bool taken)
    {
        var (call, problems) = broken[0];
        var model = call.Asker!;
        var offered = model.Offered.GetValueOrDefault(call.Call!.Name) ?? model.Offered[call.Tool];
        var what = string.Join("; ", problems.Take(MostProblems).Select(problem => problem.Text)) + (problems.Count > MostProblems ? "; …" : "");
        var failed = broken.Where(pair => pair.Call.Failure is not null).Select(pair => pair.Call).ToList();
        var repaired = failed.Count > 0 && failed.TrueForAll(step => step.Outcome is FailureOutcome.Repaired);
        List<Fact> facts =
        [
            .. broken.Take(3).SelectMany(pair => pair.Problems.Take(2).Select(problem => pair.Call.Call!.Arguments!.Say(
                $"{StepFindings.Say(pair.Call.Asker!)} gives {Words.Name(pair.Call.Tool)} these arguments: {problem.Text}.", problem.Pointer))),
            offered.Place.Say($"The schema of {Words.Name(call.Tool)} that was offered to the model."),
            .. failed.Select(step => step.Failure!.Evidence).Take(2),
        ];
        var answer = failed.Count > 0 && failed[0].Failure!.Words.Length > 0 ? $" The call was refused: {StepFindings.Quote(failed[0].Failure!.Words)}." : "";
        return StepFindings.At(
            model, "schema_violation", "bad_arguments", taken || repaired ? Proof.Hint : Proof.Certain, taken || repaired ? 0.4 : Strength,
            $"{StepFindings.Say(model)} called {Words.Name(call.Tool)} {Words.Times(broken.Count)} with arguments that do not match its schema: {what}.{answer}",
            facts,
            $"Have the arguments of {Words.Name(call.Tool)} checked against its schema before the call, and tell the model which member is wrong; say in the tool's description which values it takes.",
            errorClass: "schema",
            explains: broken.Select(pair => (AgentStep)pair.Call).Concat(broken.Skip(1).Select(pair => pair.Call.Asker!)).Concat(SameTool(run, call)));
    }

    private static IEnumerable<AgentStep> SameTool(AgentRun run, ToolStep call) => run.Tools.Where(other => other.Tool == call.Tool && other.Failure is not null);
}

/// <summary>What in a value breaks a schema.</summary>
/// <param name="Pointer">Where, as a JSON pointer into the value.</param>
/// <param name="Text">What is wrong with it, as part of a sentence.</param>
internal sealed record SchemaProblem(string Pointer, string Text);
