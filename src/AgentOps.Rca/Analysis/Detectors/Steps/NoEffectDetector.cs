using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A change that its own result says was only tried out, or that changed no record, while the answer says that it is done.</summary>
internal sealed class NoEffectDetector : IDetector
{
    private const double Strength = 2.2;
    private static readonly string[] Trials = ["dry_run", "dryRun", "dryrun", "simulated", "preview_only", "simulation", "test_mode"];
    private static readonly string[] Counts =
    [
        "updated", "modified", "affected", "deleted", "removed", "sent", "changed", "inserted", "created", "matched", "rows_affected", "affected_rows", "updated_count",
        "deleted_count", "modified_count", "matched_count", "rowCount", "row_count", "modifiedCount", "deletedCount", "updatedCount", "upserted", "upserted_count",
        "upsertedCount", "inserted_count", "insertedCount", "created_count", "createdCount", "added", "imported", "processed", "saved", "written",
    ];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || AnswerSigns.Of(answer.Text) != AnswerSign.Success)
        {
            return [];
        }

        // Another change may have been the one that the answer speaks of.
        var changes = run.Tools.Where(tool => ToolWords.Writes(tool.Tool) && !tool.IsHandoff && tool.Number < model.Number).ToList();
        return changes is [.., { Failure: null, Result.Value.ValueKind: JsonValueKind.Object } last] && Nothing(last) is { } value
            && changes.TrueForAll(change => change.Failure is not null || (change.Result is { Value.ValueKind: JsonValueKind.Object } && Nothing(change) is not null)) ? [Describe(run, model, answer, last, value)] : [];
    }

    private static ResultValue? Nothing(ToolStep call)
    {
        var values = ResultValue.In(call, call.Result!.Value);
        if (values.Find(static value => value.Value.ValueKind == JsonValueKind.True && Array.IndexOf(Trials, value.Name) >= 0) is { } trial)
        {
            return trial;
        }

        var counted = values.FindAll(static value => value.Value.ValueKind == JsonValueKind.Number && Array.IndexOf(Counts, value.Name) >= 0);
        return counted.Count > 0 && counted.TrueForAll(static value => value.Number is 0) ? counted[0] : null;
    }

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, ToolStep call, ResultValue value) => StepFindings.At(
        model, "no_effect", "claimed_without_action", Proof.Provenance, Strength,
        $"{StepFindings.Say(model)} told the user {StepFindings.Quote(answer.Text, 120)}, but {StepFindings.Say(call)} had changed nothing: it returned {Words.Short(value.Value.GetRawText(), 20)} as {Words.Short(value.Name, 40)}{Words.At(call.Node.EndNs)}.",
        [answer.Say("What the answer says.", Words.Short(answer.Text, 120).TrimEnd('…')), value.Say($"{StepFindings.Say(call)} says that it changed nothing.")],
        $"Check what {StepFindings.Say(call)} returned before the answer says that it is done, and have it fail where it changes nothing.", "no_effect", explains: [call, .. run.Runs]);
}
