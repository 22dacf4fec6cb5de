using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.AgentRuns;

/// <summary>
/// How good a report about a recorded run is, by the rules that come with the recordings. <c>right</c>: identified, the true place first, and its
/// sentence names the mechanism. <c>hint</c>: the same without the verdict. <c>place</c>: the true place first, but another mechanism.
/// <c>silent</c>: no hypothesis. <c>off</c>: inconclusive, another place first. <c>wrong</c>: identified, another place first (<c>WRONG</c>: with
/// 0.8 or more). <c>ALARM</c>: a good run was called sick. A fault that left nothing in the spans is right when it is inconclusive and a gap
/// says what is missing.
/// </summary>
/// <param name="Grade">The word.</param>
/// <param name="Rank">At which rank the true place stands, or null.</param>
internal sealed record AgentRunGrade(string Grade, int? Rank)
{
    private const double Sure = 0.8;

    public static AgentRunGrade Of(AgentRun run, AnalysedRun analysed)
    {
        var report = analysed.Report;
        var isNamed = report.Verdict == RcaVerdict.Identified;
        if (run.Fault is null)
        {
            return new(isNamed ? "ALARM" : "right", null);
        }

        var wrong = report.Confidence >= Sure ? "WRONG" : "wrong";
        if (!run.Knowable)
        {
            var isTold = report.Gaps.Any(gap => Matches(run.Mechanism, gap));
            return new(isNamed ? wrong : isTold ? "right" : "silent", null);
        }

        var hypotheses = report.Hypotheses.OrderBy(hypothesis => hypothesis.Rank).ToList();
        var namesMechanism = hypotheses.Count > 0 && Matches(run.Mechanism, hypotheses[0].Cause);
        var rank = run.CulpritSpans.Count == 0
            ? namesMechanism ? 1 : null
            : hypotheses.Find(hypothesis => IsAtPlace(run, analysed, hypothesis))?.Rank;
        return new(
            rank == 1 && namesMechanism ? isNamed ? "right" : "hint"
            : rank == 1 ? "place"
            : isNamed ? wrong
            : hypotheses.Count > 0 ? "off" : "silent",
            rank);
    }

    private static bool Matches(string? expression, string text) =>
        expression is not null && Regex.IsMatch(text, expression, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static bool IsAtPlace(AgentRun run, AnalysedRun analysed, RcaHypothesis hypothesis)
    {
        var spans = analysed.Spans.ToDictionary(span => span.SpanId);
        var cited = analysed.SpansOf(hypothesis).ToHashSet();

        // A log record stands for the call that it belongs to.
        cited.UnionWith([.. cited.Select(id => spans.GetValueOrDefault(id)).OfType<Span>().Where(span => span.Tool == ToolNames.Log)
            .Select(log => log.ParentId).OfType<string>()]);
        cited.IntersectWith(run.CulpritSpans);
        return cited.Count > 0
            && (string.IsNullOrEmpty(hypothesis.Tool) || cited.Any(id => !spans.TryGetValue(id, out var span) || span.Tool == hypothesis.Tool));
    }
}
