using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>What was not or could not be looked at, in sentences.</summary>
internal static class Gaps
{
    public static IReadOnlyList<string> Of(DetectionContext context, AgentRun run, EvidenceBook book, IReadOnlyList<Candidate> ranked)
    {
        List<string> gaps = [];
        var rcaCase = context.Case;
        if (context.Spans.Nodes.Count == 0)
        {
            gaps.Add("No spans are recorded for this incident: send what the agent and its tools did.");
            return gaps;
        }

        if (rcaCase.Baseline.SpanCount == 0)
        {
            gaps.Add("There was nothing to compare with: name a time in which nothing was wrong, or other incidents, to see what is unusual.");
        }

        if (rcaCase.MissingArtifacts.Count > 0)
        {
            gaps.Add($"{Words.Count(rcaCase.MissingArtifacts.Count, "argument or result that spans name is", "arguments or results that spans name are")} not stored.");
        }

        if (context.Unreadable.Count > 0)
        {
            gaps.Add($"{Words.Count(context.Unreadable.Count, "artifact")} could not be read, damaged or too large to look into; the first is {context.Unreadable.Min}.");
        }

        if (context.LeftArtifactsOut)
        {
            gaps.Add("There are more artifacts than were looked into.");
        }

        gaps.AddRange(ContentGaps.Of(run));
        gaps.AddRange(ClockGaps.Of(context.Spans));
        if (context.Spans.Nodes.Count(static node => Words.IsUnknown(node.StartNs)) is > 0 and var timeless)
        {
            gaps.Add($"When {Words.Count(timeless, "step")} happened is not recorded: the order is known, and how long one took only where the file tells it.");
        }

        gaps.AddRange(context.Spans.Anomalies.GroupBy(anomaly => anomaly.Kind).OrderBy(kind => kind.Key).Select(kind =>
            $"{Words.Count(kind.Count(), "span")} {Wrong(kind.Key, kind.Count() == 1)}, the first is {Words.Short(kind.First().SpanId, 80)}."));
        var unchecked_ = book.Entries.Count(entry => !entry.Checked);
        if (unchecked_ > 0)
        {
            gaps.Add(Words.Invariant($"{Words.Count(unchecked_, "citation")} could not be found again in the stored bytes."));
        }

        if (run.IsEmpty && ranked.Count > 0 && !context.Spans.Nodes.Any(node => node.ResultDigest is not null))
        {
            gaps.Add("No span has a recorded result, so what the calls returned was not looked at.");
        }

        return gaps;
    }

    private static string Wrong(SpanAnomalyKind kind, bool isOne) => kind switch
    {
        SpanAnomalyKind.UnknownParent => isOne ? "names a parent that is not among the spans" : "name a parent that is not among the spans",
        SpanAnomalyKind.SelfParent => isOne ? "names itself as its parent" : "name themselves as their parent",
        SpanAnomalyKind.Cycle => isOne ? "is its own ancestor" : "are their own ancestors",
        SpanAnomalyKind.LogWithoutSpan => isOne ? "is a log record of a call that is not among the spans" : "are log records of calls that are not among the spans",
        SpanAnomalyKind.EndsBeforeStart => isOne ? "ends before it starts" : "end before they start",
        _ => "came twice with one id",
    };
}
