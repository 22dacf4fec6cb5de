using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>
/// What the steps of a run show: a call of a tool or a model that failed and was not made good. Frameworks hand such an error to the model, so
/// that the run's own span ends well; and a tool may answer with an error under a status that says nothing of it.
/// </summary>
internal sealed class RunFindings(CaseLoader loader, IOptions<IncidentDetectionOptions> options) : IRunFindings
{
    public async ValueTask<IReadOnlyList<IncidentFinding>> FindAsync(EndedRun run, CancellationToken cancellationToken)
    {
        if (!options.Value.OnFailedCall)
        {
            return [];
        }

        var incident = IncidentOpening.Of(run, [new("agent_error", "")], options.Value);
        var context = new DetectionContext(loader.OpenRun(incident, [.. run.Spans, .. run.Request]));
        var steps = await context.ReadRunAsync(cancellationToken);
        return [.. new[] { FailedTool(steps), FailedModel(steps) }.OfType<IncidentFinding>()];
    }

    private static IncidentFinding? FailedTool(AgentRun run) =>
        run.Tools.FirstOrDefault(static tool => tool.Failure is not null && tool.Outcome is FailureOutcome.NotRepaired or FailureOutcome.Ignored) is { Failure: { } failure } failed
            ? new("tool_error", $"{failed.Name} failed and was not made good{FailureWords.Of(failure.Type, failure.Words)}")
            : null;

    private static IncidentFinding? FailedModel(AgentRun run)
    {
        var last = run.Models.LastOrDefault(static model => model.Node.Failure is null);
        return run.Models.FirstOrDefault(model => model.Node.Failure is not null && (last is null || last.Number < model.Number)) is { Node: { Failure: { } failure } node }
            ? new("model_error", $"{node.Tool} failed and was not made good{FailureWords.Of(failure.Type, failure.Message)}")
            : null;
    }
}
