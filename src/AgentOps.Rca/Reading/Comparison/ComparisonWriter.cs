using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.Reading;

/// <summary>Writes down what differs between two runs.</summary>
internal sealed class ComparisonWriter(LoadedRun left, LoadedRun right, bool mask)
{
    private const int MostText = 240;

    private readonly StepViewWriter _left = new(left.Run, left.Window, ReportMarks.Of(null, left.Run), MostText, mask);
    private readonly StepViewWriter _right = new(right.Run, right.Window, ReportMarks.Of(null, right.Run), MostText, mask);
    private readonly Redactor? _redactor = mask ? new Redactor() : null;

    public RunComparison Write()
    {
        var (leftSteps, rightSteps) = (SteadyOrder.Of(left.Window.Steps), SteadyOrder.Of(right.Window.Steps));
        List<ComparedStep> rows = [];
        FirstDivergence? first = null;
        foreach (var (at, beside) in StepAlignment.Of(leftSteps, rightSteps))
        {
            var row = Row(at < 0 ? null : leftSteps[at], beside < 0 ? null : rightSteps[beside]);
            first ??= Divergence(row, rows.Count);
            rows.Add(row);
        }

        return new RunComparison
        {
            Left = Summary(left, _left),
            Right = Summary(right, _right),
            FirstDivergence = first,
            Steps = rows,
            Same = rows.Count(static row => row is { Left: not null, Right: not null } && !Differs(row)),
            Different = rows.Count(static row => row is { Left: not null, Right: not null } && Differs(row)),
            OnlyLeft = rows.Count(static row => row.Right is null),
            OnlyRight = rows.Count(static row => row.Left is null),
            Cut = !left.Window.IsWhole || !right.Window.IsWhole,
        };
    }

    private static bool Differs(ComparedStep row) => row.SameInputs == false || row.SameOutputs == false || row.SameStatus == false;

    private ComparedStep Row(AgentStep? one, AgentStep? other)
    {
        var (shown, beside) = (one is null ? null : _left.Write(one), other is null ? null : _right.Write(other));
        var row = new ComparedStep
        {
            Kind = (shown ?? beside)!.Kind,
            Tool = (shown ?? beside)!.Tool,
            Left = shown is null ? null : Side(shown, left),
            Right = beside is null ? null : Side(beside, right),
        };
        if (one is null || other is null)
        {
            return row;
        }

        var (sameInputs, inputs) = Compare(StepValues.Inputs(one), StepValues.Inputs(other));
        var (sameOutputs, outputs) = Compare(StepValues.Outputs(one), StepValues.Outputs(other));
        return row with { SameInputs = sameInputs, Inputs = inputs, SameOutputs = sameOutputs, Outputs = outputs, SameStatus = shown!.Status == beside!.Status };
    }

    private (bool? Same, ValueDifference? Difference) Compare(System.Text.Json.JsonElement? one, System.Text.Json.JsonElement? other)
    {
        if (one is not { } before || other is not { } after)
        {
            return (null, null);
        }

        if (CanonicalJson.TextOf(before) == CanonicalJson.TextOf(after))
        {
            return (true, null);
        }

        return (false, JsonDifference.Find(before, after) is { } difference
            ? new ValueDifference(difference.Pointer, Shown(difference.Expected), Shown(difference.Actual))
            : null);
    }

    private string? Shown(string? text) => text is null || _redactor is null ? text : _redactor.Redact(text);

    private static ComparedSide Side(RunStepView step, LoadedRun run) => new(
        step.Id,
        step.Status,
        step.From is { } from ? Math.Round((from - Start(run)).TotalMilliseconds, 4) : null,
        step.DurationMs,
        step.InputTokens,
        step.OutputTokens,
        step.CostUsd,
        step.Failure?.Message);

    private static ComparedRun Summary(LoadedRun run, StepViewWriter writer)
    {
        var extent = run.Run.Extent;
        var views = run.Window.Steps.Select(writer.Write).ToList();
        var calls = views.FindAll(static step => step.InputTokens is not null || step.OutputTokens is not null);
        var isEmpty = extent.Spans == 0;
        return new ComparedRun(
            run.Id,
            run.IncidentId,
            run.RootSpanId,
            isEmpty ? null : Start(run),
            isEmpty ? null : Milliseconds.Between(extent.StartNs, extent.EndNs),
            views.Count,
            views.Count(static step => step.Status == "failed"),
            calls.Count == 0 ? null : calls.Sum(static step => step.InputTokens ?? 0),
            calls.Count == 0 ? null : calls.Sum(static step => step.OutputTokens ?? 0),
            calls.Count == 0 || calls.Exists(static step => step.CostUsd is null) ? null : calls.Sum(static step => step.CostUsd),
            writer.Show(run.Window.Run.Answer?.Text, run.Window.Run.Answer?.Place.Artifact));
    }

    private static DateTimeOffset Start(LoadedRun run) => Spans.EpochUnit.ToInstant(run.Run.Extent.StartNs);

    private static FirstDivergence? Divergence(ComparedStep row, int place)
    {
        var name = Words.Name(row.Tool);
        var (what, text) = row switch
        {
            { Right: null } => ("only_left", $"Only the left run has this call of {name}."),
            { Left: null } => ("only_right", $"Only the right run has this call of {name}."),
            { SameInputs: false } => ("inputs", $"{name} was given something else{At(row.Inputs)}."),
            { SameOutputs: false } => ("outputs", $"{name} was given the same and gave back something else{At(row.Outputs)}."),
            { SameStatus: false } => ("status", $"{name} ended as {row.Left!.Status ?? "unknown"} in the left run and as {row.Right!.Status ?? "unknown"} in the right one."),
            _ => ("", ""),
        };
        return what.Length == 0 ? null : new FirstDivergence(place, what, row.Left?.Id, row.Right?.Id, row.SameInputs is null && what == "outputs" ? $"{name} gave back something else{At(row.Outputs)}." : text);
    }

    private static string At(ValueDifference? difference) => difference is { Pointer.Length: > 0 } ? $" at {Words.Short(difference.Pointer)}" : "";
}

/// <summary>A run that was read to be compared.</summary>
/// <param name="Id">What it was asked for by.</param>
/// <param name="IncidentId">The incident, or null.</param>
/// <param name="RootSpanId">Its first span, or null.</param>
/// <param name="Run">Its spans.</param>
/// <param name="Window">Its steps.</param>
internal sealed record LoadedRun(string Id, Guid? IncidentId, string? RootSpanId, RememberedRun Run, StepWindow Window);
