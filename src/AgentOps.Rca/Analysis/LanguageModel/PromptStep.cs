using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>A step of the run as a model is shown it: a line for what it is, and lines for its texts.</summary>
/// <param name="Id">Its short id in the prompt: S1, S2, … in the order of the run.</param>
/// <param name="Node">The span that records it.</param>
/// <param name="Name">What it is called in sentences.</param>
/// <param name="Line">What it is, as a line of JSON.</param>
/// <param name="Texts">Its texts.</param>
/// <param name="Value">How much it is suspected.</param>
internal sealed record PromptStep(string Id, SpanNode Node, string Name, StepLine Line, IReadOnlyList<StepText> Texts, double Value)
{
    /// <summary>Whether what it holds talks to its reader; no verdict that nothing is wrong is taken then.</summary>
    public bool LooksLikeInstructions => Texts.Any(text => text.LooksLikeInstructions);

    public string Skeleton => JsonSerializer.Serialize(Line, ModelJson.Readable.StepLine);
}

/// <summary>A text of a step.</summary>
/// <param name="Of">What it is of the step: <c>arguments</c>, <c>result</c>, <c>said</c>, <c>asked</c>, <c>given</c>, <c>error</c>, <c>finish</c>, <c>instructions</c> or <c>request</c>.</param>
/// <param name="Shown">The text, redacted and without what cannot be seen.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="LooksLikeInstructions">Whether it talks to its reader.</param>
internal sealed record StepText(string Of, string Shown, Place Place, bool LooksLikeInstructions)
{
    /// <summary>The text as a line of JSON, cut to so many characters.</summary>
    public string Line(string id, int most) => JsonSerializer.Serialize(new TextLine(id, Of, UntrustedText.Cut(Shown, most)), ModelJson.Readable.TextLine);
}

/// <summary>The form in which a model is shown what a step is.</summary>
internal sealed record StepLine(string Id, string Step, string Name, string At, string Took, string? AskedBy, string? Outcome, string? Offered);

/// <summary>The form in which a model is shown a text of a step.</summary>
internal sealed record TextLine(string Id, string Of, string Text);

/// <summary>Makes the steps of a run into what a prompt shows.</summary>
internal sealed class PromptSteps(RcaCase rcaCase, AgentRun run, RcaReport found, Redactor redactor)
{
    private const int MostSteps = 400;
    private const int MostText = 20_000;
    private const int MostOffered = 30;

    private readonly Dictionary<AgentStep, string> _ids = [];

    public async ValueTask<IReadOnlyList<PromptStep>> ReadAsync(CancellationToken cancellationToken)
    {
        var steps = run.Steps.Take(MostSteps).ToList();
        foreach (var step in steps)
        {
            _ids[step] = string.Create(CultureInfo.InvariantCulture, $"S{_ids.Count + 1}");
        }

        var values = Values(steps);
        List<PromptStep> shown = [];
        foreach (var step in steps)
        {
            var texts = TextsOf(step).ToList();
            var failure = await FailureAsync(step, cancellationToken).ConfigureAwait(false);
            shown.Add(new PromptStep(_ids[step], step.Node, step.Name, LineOf(step), failure is null ? texts : [failure, .. texts], values[step]));
        }

        return shown;
    }

    /// <summary>What the detectors point at, what failed, the first and last words, and their neighbours are worth the most.</summary>
    private Dictionary<AgentStep, double> Values(List<AgentStep> steps)
    {
        var pointed = found.Hypotheses.SelectMany(hypothesis => hypothesis.Evidence.Select(id => (id, Worth: 2.0 / Math.Max(1, hypothesis.Rank))))
            .Join(found.Evidence, pair => pair.id, evidence => evidence.Id, (pair, evidence) => (evidence.SpanId, pair.Worth))
            .GroupBy(pair => pair.SpanId ?? "", StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Max(pair => pair.Worth), StringComparer.Ordinal);
        var own = steps.Select(step => 0.2 + pointed.GetValueOrDefault(step.Node.SpanId)
            + (step is ToolStep { Failure: not null } || step.Node.Failure is not null ? 1.5 : 0)
            + (step is ToolStep ? 0.4 : 0) + (step == run.Answering ? 1.2 : 0)).ToList();
        return steps.Select((step, at) => (step, Value: own[at] + 0.3 * Math.Max(at > 0 ? own[at - 1] : 0, at + 1 < own.Count ? own[at + 1] : 0)))
            .ToDictionary(pair => pair.step, pair => pair.Value);
    }

    private StepLine LineOf(AgentStep step) => new(
        _ids[step],
        step switch { ModelStep => "model call", ToolStep => "tool call", RunStep => "run of an agent", _ => "guardrail" },
        Shown(step.Name, 120),
        Words.IsUnknown(step.Node.StartNs) ? "not recorded" : Words.Clock(step.Node.StartNs),
        Words.Duration(step.Node.DurationNs),
        step is ToolStep { Asker: { } asker } && _ids.TryGetValue(asker, out var id) ? id : null,
        Outcome(step),
        step is ModelStep { Offered.Count: > 0 } model ? Shown(string.Join(", ", model.Offered.Keys.Order(StringComparer.Ordinal).Take(MostOffered)), 400) : null);

    private string? Outcome(AgentStep step) => step switch
    {
        ToolStep { Failure: { } failure } tool => $"failed ({failure.Category}), {tool.Outcome switch { FailureOutcome.Repaired => "made good by a later call", FailureOutcome.Handled => "it was an answer", FailureOutcome.Ignored => "ignored by the answer", _ => "not made good" }}",
        ToolStep { Result.IsEmpty: true } => "an empty result",
        ToolStep { IsRecorded: false } => "known from messages only",
        _ when step.Node.Failure is { } failure => "failed" + (failure.Type is { } type ? $" ({Shown(type, 80)})" : ""),
        ModelStep { Finish: { } finish } => $"finish reason {Shown(finish.Text, 40)}",
        _ => null,
    };

    private IEnumerable<StepText> TextsOf(AgentStep step)
    {
        switch (step)
        {
            case ToolStep tool:
                return Of(("arguments", tool.Arguments?.Passage ?? tool.Call?.Arguments?.Passage), ("result", tool.Result?.Passage ?? tool.Told?.Passage), ("error", ErrorOf(tool)));
            case ModelStep model:
                return Of([
                    ("finish", model.Finish),
                    .. model.Output.SelectMany(message => message.Texts).Select(text => ("said", (Passage?)text)),
                    .. model.Output.SelectMany(message => message.Calls).Select(call => ("asked", (Passage?)(call.Arguments is { } arguments ? arguments.Passage with { Text = $"{call.Name} {arguments.Text}" } : new Passage(call.Name, call.Place)))),
                    .. model.Input.SelectMany(message => message.Texts.Select(text => (message.Role is "system" ? "instructions" : message.Role is "user" ? "request" : "given", (Passage?)text))),
                ]);
            case RunStep agent:
                return Of([
                    .. agent.Request.SelectMany(message => message.Texts).Select(text => ("request", (Passage?)text)),
                    .. agent.Answer.SelectMany(message => message.Texts).Select(text => ("said", (Passage?)text)),
                ]);
            case GuardrailStep guardrail:
                return Of(("result", guardrail.Result?.Passage));
            default:
                return [];
        }
    }

    private static Passage? ErrorOf(ToolStep tool) => tool.Failure is { Words.Length: > 0 } failure
        ? new Passage(failure.Words, new Place(failure.Evidence.SpanId, failure.Evidence.Artifact, failure.Evidence.Pointer)) : null;

    private async ValueTask<StepText?> FailureAsync(AgentStep step, CancellationToken cancellationToken)
    {
        if (step.Node.Failure is not { } failure || step is ToolStep { Failure.Words.Length: > 0 })
        {
            return null;
        }

        var (spanId, pointer) = step.Node.FailurePlace;
        var text = failure.Message ?? failure.Type;
        if (text is null || await rcaCase.ReadSpan(spanId, cancellationToken).ConfigureAwait(false) is null)
        {
            return null;
        }

        return Text("error", new Passage(text, new Place(spanId, null, pointer)));
    }

    private IEnumerable<StepText> Of(params (string Of, Passage? Passage)[] texts) =>
        texts.Where(text => text.Passage is { Text.Length: > 0 }).Select(text => Text(text.Of, text.Passage!));

    // Redacted as a whole before it is cut: half of a secret would not be recognised.
    private StepText Text(string of, Passage passage)
    {
        var shown = redactor.Redact(UntrustedText.Clean(passage.Text));
        return new StepText(of, UntrustedText.Cut(shown, MostText), passage.Place, InstructionSigns.In(shown));
    }

    private string Shown(string text, int most) => UntrustedText.Cut(redactor.Redact(UntrustedText.Clean(text)), most);
}
