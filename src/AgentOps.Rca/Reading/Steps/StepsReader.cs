using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Reads what agents did, page by page and step by step.</summary>
internal sealed class StepsReader(IIncidentStore incidents, ISpanStore spans, ArtifactVault artifacts, SpanTables tables)
{
    private const int MostSteps = 500;
    private const int PreviewText = 240;

    private readonly StepWindowReader _windows = new(spans, artifacts);
    private readonly ReportReader _reports = new(spans, artifacts);

    public async ValueTask<RunStepsOutcome> ReadAsync(RunStepsQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MostSteps);
        if (await incidents.GetAsync(query.IncidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return new RunStepsOutcome.IncidentNotFound(query.IncidentId);
        }

        var run = await tables.ReadAsync(query.IncidentId, cancellationToken).ConfigureAwait(false);
        var start = query.At is { } span ? StepOf(run, span) : SpanTable.None;
        if (query.At is { } asked && start == SpanTable.None)
        {
            return new RunStepsOutcome.SpanNotFound(asked);
        }

        var (report, _, _) = await _reports.FindAsync(query.IncidentId, digest: null, cancellationToken).ConfigureAwait(false);
        var marks = ReportMarks.Of(report, run);
        var number = (start != SpanTable.None ? run.Steps.PlaceOf(start) : query.After is { } after ? PlaceAfter(run, after) : 0) / StepWindow.Size;
        List<RunStepView> page = [];
        RunStepCursor? next = null;
        StepWindow? first = null;
        while (next is null && (number == 0 || number * StepWindow.Size < run.Steps.Steps.Length))
        {
            var window = await _windows.ReadAsync(incident, run, number++, cancellationToken).ConfigureAwait(false);
            var writer = new StepViewWriter(run, window, marks, PreviewText, query.Mask);
            var skipped = first is null ? Skipped(window, query, run, start) : 0;
            first ??= window;
            foreach (var step in window.Steps.Skip(skipped))
            {
                if (page.Count == query.Limit)
                {
                    next = new RunStepCursor(StartOf(page[^1], run), page[^1].Id);
                    break;
                }

                page.Add(writer.Write(step));
            }
        }

        first ??= await _windows.ReadAsync(incident, run, 0, cancellationToken).ConfigureAwait(false);
        var texts = new StepViewWriter(run, first, marks, PreviewText, query.Mask);
        return new RunStepsOutcome.Found(new RunStepsPage
        {
            IncidentId = query.IncidentId,
            Counts = CountsOf(run),
            Request = first.Number == 0 ? texts.Show(first.Run.Request?.Text, first.Run.Request?.Place.Artifact) : null,
            Answer = first.IsWhole ? texts.Show(first.Run.Answer?.Text, first.Run.Answer?.Place.Artifact) : null,
            CulpritId = CulpritOf(first, marks, run),
            ReportDigest = marks.ReportDigest,
            Gaps = first.Gaps,
            Steps = page,
            Next = next,
            Remaining = next is null ? 0 : run.Steps.Steps.Length - 1 - page.Max(step => run.Steps.PlaceOf(run.Table.Find(step.SpanId))),
        });
    }

    public async ValueTask<RunStepOutcome> ReadAsync(RunStepQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.MostText, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.MostText, TextPreviews.Longest);
        if (await incidents.GetAsync(query.IncidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return new RunStepOutcome.IncidentNotFound(query.IncidentId);
        }

        var run = await tables.ReadAsync(query.IncidentId, cancellationToken).ConfigureAwait(false);
        var mark = query.StepId.LastIndexOf('#');
        var place = StepOf(run, query.StepId) is not SpanTable.None and var known ? known : mark < 0 ? SpanTable.None : StepOf(run, query.StepId[..mark]);
        if (place == SpanTable.None)
        {
            return new RunStepOutcome.StepNotFound(query.StepId);
        }

        var window = await _windows.ReadAsync(incident, run, run.Steps.PlaceOf(place) / StepWindow.Size, cancellationToken).ConfigureAwait(false);
        var step = window.Steps.FirstOrDefault(one => window.IdOf(one) == query.StepId) ?? (StepOf(run, query.StepId) == place ? window.Steps.FirstOrDefault(one => window.IdOf(one) == run.Table.IdOf(place)) : null);
        if (step is null)
        {
            return new RunStepOutcome.StepNotFound(query.StepId);
        }

        var (report, _, _) = await _reports.FindAsync(query.IncidentId, digest: null, cancellationToken).ConfigureAwait(false);
        var writer = new StepViewWriter(run, window, ReportMarks.Of(report, run), query.MostText, query.Mask);
        var isRecorded = step is not ToolStep { IsRecorded: false };
        var span = isRecorded ? await spans.GetAsync(step.Node.SpanId, cancellationToken).ConfigureAwait(false) : null;
        return new RunStepOutcome.Found(new RunStepDetail
        {
            IncidentId = query.IncidentId,
            Step = writer.Write(step),
            Definitions = step is ModelStep model ? [.. model.Offered.Values.Select(static tool => new OfferedToolView(
                tool.Name, tool.Description, tool.Schema.ValueKind == System.Text.Json.JsonValueKind.Undefined ? null : tool.Schema))] : [],
            Attributes = span?.Attributes,
            ArgumentsContent = isRecorded ? await ContentAsync(step.Node.ArgsDigest, cancellationToken).ConfigureAwait(false) : null,
            ResultContent = isRecorded ? await ContentAsync(step.Node.ResultDigest, cancellationToken).ConfigureAwait(false) : null,
            OtherSpans = step is ToolStep tool ? [.. tool.Halves.Select(static half => half.SpanId)] : [],
        });
    }

    private async ValueTask<StepContent?> ContentAsync(ArtifactDigest? digest, CancellationToken cancellationToken)
    {
        if (digest is not { } named)
        {
            return null;
        }

        var artifact = await artifacts.GetAsync(named, cancellationToken).ConfigureAwait(false);
        return new StepContent(named.ToString(), artifact?.Mime, artifact?.Length);
    }

    private static int StepOf(RememberedRun run, string spanId) =>
        run.Table.Find(spanId) is not SpanTable.None and var span ? run.Steps.OwnerOf(span) : SpanTable.None;

    private static string? CulpritOf(StepWindow window, ReportMarks marks, RememberedRun run) =>
        window.Steps.FirstOrDefault(step => marks.IsCulprit(step, run)) is { } step ? window.IdOf(step) : marks.CulpritOf(run);

    private static RunStepCounts CountsOf(RememberedRun run)
    {
        var steps = run.Steps;
        return new RunStepCounts(
            steps.Steps.Length, Count(StepKind.Model), Count(StepKind.Tool), Count(StepKind.Run), Count(StepKind.Guardrail), steps.Failed);

        int Count(StepKind kind) => steps.Counts.GetValueOrDefault(kind);
    }

    private static long StartOf(RunStepView step, RememberedRun run) => RecordedStart(run, run.Table.Find(step.SpanId));

    private static long RecordedStart(RememberedRun run, int span) => run.Table.StartNs[span] - (run.Table.Skew?.ShiftNs[span] ?? 0);

    // How many steps of the piece stand before the place to go on from.
    private static int Skipped(StepWindow window, RunStepsQuery query, RememberedRun run, int start)
    {
        if (start != SpanTable.None)
        {
            return Math.Max(0, IndexOf(window, run.Table.IdOf(start)));
        }

        if (query.After is not { } after)
        {
            return 0;
        }

        if (IndexOf(window, after.StepId) is >= 0 and var known)
        {
            return known + 1;
        }

        // The step is in an earlier piece, or has gone: on with what began later.
        var skipped = 0;
        foreach (var step in window.Steps)
        {
            if (step.Node.StartNs > after.StartNs)
            {
                break;
            }

            skipped++;
        }

        return skipped;
    }

    private static int IndexOf(StepWindow window, string id)
    {
        for (var i = 0; i < window.Steps.Count; i++)
        {
            if (window.IdOf(window.Steps[i]) == id)
            {
                return i;
            }
        }

        return -1;
    }

    // The place among the steps of the one that the page before ended with, or of the first that began after it.
    private static int PlaceAfter(RememberedRun run, RunStepCursor after)
    {
        var steps = run.Steps.Steps;
        var mark = after.StepId.LastIndexOf('#');
        var span = run.Table.Find(after.StepId) is not SpanTable.None and var known ? known : mark < 0 ? SpanTable.None : run.Table.Find(after.StepId[..mark]);
        if (span != SpanTable.None && run.Steps.PlaceOf(span) is >= 0 and var place)
        {
            return place;
        }

        var (low, high) = (0, steps.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = RecordedStart(run, steps[middle]) > after.StartNs ? (low, middle) : (middle + 1, high);
        }

        return Math.Min(low, Math.Max(0, steps.Length - 1));
    }
}
