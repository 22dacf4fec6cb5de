using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Reading;

/// <summary>What a report says of the steps: where it finds the cause, and which of its evidence was read where.</summary>
internal sealed class ReportMarks
{
    private readonly Dictionary<int, List<string>> _evidence = [];
    private readonly string? _tool;
    private readonly int _culprit = SpanTable.None;

    private ReportMarks(RcaReport? report, RememberedRun run)
    {
        ReportDigest = report?.ReportDigest;
        foreach (var item in report?.Evidence ?? [])
        {
            if (StepOf(run, item.SpanId) is not SpanTable.None and var step)
            {
                if (!_evidence.TryGetValue(step, out var ids))
                {
                    _evidence.Add(step, ids = []);
                }

                ids.Add(item.Id);
            }
        }

        if (report is not { Verdict: RcaVerdict.Identified, Hypotheses: [var first, ..] })
        {
            return;
        }

        // The earliest step that the cause cites and that is what it names; else the earliest that it cites.
        _tool = first.Tool;
        var cited = first.Evidence.ToHashSet(StringComparer.Ordinal);
        var steps = report.Evidence.Where(item => cited.Contains(item.Id)).Select(item => StepOf(run, item.SpanId)).Where(static step => step != SpanTable.None).Distinct().Order().ToList();
        if (steps.Count > 0)
        {
            var named = steps.FindIndex(step => run.Table.Tools[run.Table.Tool[step]] == first.Tool);
            _culprit = steps[Math.Max(0, named)];
        }
    }

    /// <summary>The report, or null.</summary>
    public string? ReportDigest { get; }

    /// <summary>The span of the step where the cause is found, or null.</summary>
    /// <param name="run">The run.</param>
    public string? CulpritOf(RememberedRun run) => _culprit == SpanTable.None ? null : run.Table.IdOf(_culprit);

    /// <summary>Reads a report, or nothing.</summary>
    /// <param name="report">The report, or null.</param>
    /// <param name="run">The run that it is about.</param>
    public static ReportMarks Of(RcaReport? report, RememberedRun run) => new(report, run);

    /// <summary>Whether the cause is found in this step.</summary>
    public bool IsCulprit(AgentStep step, RememberedRun run)
    {
        if (_culprit == SpanTable.None || run.Table.Find(step.Node.SpanId) != _culprit)
        {
            return false;
        }

        // Of a model call and the calls that it asked for and no span records, it is the one that the cause names.
        return step is ToolStep { IsRecorded: false }
            ? step.Name == _tool
            : step is not ModelStep model || model.Name == _tool || !model.Asked.Exists(asked => !asked.IsRecorded && asked.Name == _tool);
    }

    /// <summary>The evidence that was read in this step.</summary>
    public IReadOnlyList<string> EvidenceOf(AgentStep step, RememberedRun run) =>
        step is not ToolStep { IsRecorded: false } && _evidence.TryGetValue(run.Table.Find(step.Node.SpanId), out var ids) ? ids : [];

    private static int StepOf(RememberedRun run, string? spanId) =>
        spanId is not null && run.Table.Find(spanId) is not SpanTable.None and var span ? run.Steps.OwnerOf(span) : SpanTable.None;
}
