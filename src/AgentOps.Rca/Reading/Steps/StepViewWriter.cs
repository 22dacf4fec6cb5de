using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Makes steps fit to be shown: with texts of bounded length in which secrets and personal data are masked.</summary>
internal sealed class StepViewWriter
{
    private readonly RememberedRun _run;
    private readonly StepWindow _window;
    private readonly ReportMarks _marks;
    private readonly TextPreviews _texts;

    public StepViewWriter(RememberedRun run, StepWindow window, ReportMarks marks, int mostText, bool mask)
    {
        (_run, _window, _marks) = (run, window, marks);
        _texts = new TextPreviews(mostText, mask ? NewRedactor(run.Table, window) : null);
    }

    /// <summary>The step as it is shown.</summary>
    public RunStepView Write(AgentStep step)
    {
        var node = step.Node;
        var isRecorded = step is not ToolStep { IsRecorded: false };
        var place = _run.Table.Find(node.SpanId);
        var above = isRecorded ? _run.Steps.Above(place) : place;
        var hasEnd = isRecorded && !_run.Table.Flags[place].HasFlag(SpanMarks.NoEnd);
        var used = step is ModelStep ? _window.Usage.GetValueOrDefault(node.SpanId) : null;
        var view = new RunStepView
        {
            Id = _window.IdOf(step),
            SpanId = node.SpanId,
            Kind = step switch { ModelStep => "model", ToolStep => "tool", RunStep => "run", _ => "guardrail" },
            Name = step is ToolStep called ? called.Tool : node.Tool[(node.Tool.IndexOf('/', StringComparison.Ordinal) + 1)..],
            Tool = step.Name,
            Agent = (step as ModelStep)?.Agent ?? (step as RunStep)?.Agent ?? step.Run?.Agent,
            Recorded = isRecorded,
            ParentId = above == SpanTable.None ? null : _run.Table.IdOf(above),
            Depth = _run.Steps.DepthOf(place) + (isRecorded ? 0 : 1),
            From = isRecorded ? EpochUnit.ToInstant(node.StartNs) : null,
            To = hasEnd ? EpochUnit.ToInstant(node.EndNs) : null,
            DurationMs = hasEnd && node.EndNs >= node.StartNs ? Milliseconds.Between(node.StartNs, node.EndNs) : null,
            Status = StatusOf(step),
            Model = used?.Model,
            InputTokens = used?.InputTokens,
            OutputTokens = used?.OutputTokens,
            CostUsd = (double?)used?.CostUsd,
            Culprit = _marks.IsCulprit(step, _run),
            Evidence = _marks.EvidenceOf(step, _run),
        };
        return step switch
        {
            ModelStep model => view with
            {
                Failure = OfNode(node),
                FinishReason = model.Finish?.Text,
                EarlierMessages = model.Earlier,
                Messages = [.. model.Input.Select(message => Message(message, said: false)), .. model.Output.Select(message => Message(message, said: true))],
                Offered = model.Offered.Count == 0 ? null : [.. model.Offered.Keys],
            },
            ToolStep tool => view with
            {
                Failure = OfTool(tool),
                Arguments = Show(tool.Arguments) ?? Large(node.ArgsDigest, isRecorded),
                Result = Show(tool.Result) ?? Large(node.ResultDigest, isRecorded),
                // Without a call's id it is only likely which answer belongs to which call.
                Told = tool is { CallId: not null, Told: { } told, Result: { } result } && told.Key != result.Key ? Show(told) : null,
                AskedBy = tool.Asker is { } asker ? _window.IdOf(asker) : null,
                WasOffered = tool.Asker is not { Offered.Count: > 0 } model ? null
                    : tool.Call is { } call ? model.Offered.ContainsKey(call.Name)
                    : model.Offered.ContainsKey(tool.Tool) ? true : null,
            },
            RunStep run => view with
            {
                Failure = OfNode(node),
                FinishReason = run.Finish?.Text,
                Messages = [.. run.Request.Select(message => Message(message, said: false)), .. run.Answer.Select(message => Message(message, said: true))],
            },
            GuardrailStep check => view with { Failure = OfNode(node), Result = Show(check.Result) },
            _ => view,
        };
    }

    /// <summary>A text as it is shown, or null when there is none.</summary>
    public TextPreview? Show(string? text, ArtifactDigest? digest) => _texts.Show(text, digest);

    private TextPreview? Show(Payload? payload) => payload is null ? null : Show(payload.Text, (payload.Recorded ?? payload).Place.Artifact);

    private TextPreview? Large(ArtifactDigest? digest, bool isRecorded) =>
        isRecorded && digest is { } known && _window.Large.GetValueOrDefault(known) is { } start
            ? Show(start.Text, digest) is { } shown ? shown with { Length = start.Length, Cut = start.Cut || shown.Cut } : null
            : null;

    private StepMessageView Message(RunMessage message, bool said) => new(
        message.Role,
        said,
        [.. message.Texts.Select(text => Show(text.Text, text.Place.Artifact)!)],
        [.. message.Calls.Select(call => new AskedCallView(call.Id, call.Name, Show(call.Arguments)))],
        [.. message.Answers.Select(answer => new ToolAnswerView(answer.CallId, answer.Name, Show(answer.Result)))]);

    private static string? StatusOf(AgentStep step) => step switch
    {
        ToolStep { Failure: not null } => "failed",
        ToolStep { IsRecorded: false, Told: null } => null,
        ToolStep => "ok",
        GuardrailStep { Tripped: not null } => "tripped",
        _ => step.Node.Failure is null ? "ok" : "failed",
    };

    private StepFailureView? OfNode(SpanNode node) => node.Failure is not { } failure ? null
        : new StepFailureView(Category: null, failure.Type, Show(failure.Message, null)?.Text, failure.HttpStatus, "status", Outcome: null, RepairedBy: null);

    private StepFailureView? OfTool(ToolStep tool) => tool.Failure is not { } failure ? null : new StepFailureView(
        failure.Category,
        failure.Type,
        failure.Words.Length == 0 ? null : Show(failure.Words, null)!.Text,
        failure.HttpStatus,
        failure.IsStatus ? "status" : "result",
        tool.Outcome switch
        {
            FailureOutcome.Repaired => "repaired",
            FailureOutcome.Handled => "handled",
            FailureOutcome.Ignored => "ignored",
            FailureOutcome.NotRepaired => "not_repaired",
            _ => null,
        },
        tool.RepairedBy is { } later ? _window.IdOf(later) : null);

    // Ids of spans, traces and calls look random and are no secrets.
    private static Redactor NewRedactor(SpanTable table, StepWindow window)
    {
        var known = window.Run.Tools.Select(static tool => tool.CallId)
            .Concat(window.Run.Models.SelectMany(static model => model.Output).SelectMany(static message => message.Calls).Select(static call => call.Id))
            .Concat(window.Run.Steps.SelectMany(static step => step.Node.SpanId.Split(':')));
        var redactor = new Redactor(known.OfType<string>());
        redactor.Know(text => table.Find(text) != SpanTable.None);
        return redactor;
    }
}
