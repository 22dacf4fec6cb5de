using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>Writes down what was found, and checks every fact while doing so.</summary>
internal static class ReportWriter
{
    private const int MostHypotheses = 10;
    private const int MostFindings = 3;
    private const int MostFactsOfOthers = 4;
    private const int MostTimeline = 30;

    public static async ValueTask<RcaReport> WriteAsync(
        IRcaEngine engine, DetectionContext context, IReadOnlyList<Candidate> ranked, CancellationToken cancellationToken)
    {
        var rcaCase = context.Case;
        var confidence = Ranking.Confidence(ranked);
        var book = new EvidenceBook(rcaCase);
        List<RcaHypothesis> hypotheses = [];
        await rcaCase.FetchSpans([.. ranked.Take(MostHypotheses).SelectMany(FactsOf).Select(static fact => fact.SpanId).Distinct(StringComparer.Ordinal)], cancellationToken)
            .ConfigureAwait(false);
        foreach (var candidate in ranked.Take(MostHypotheses))
        {
            hypotheses.Add(await WriteAsync(candidate, hypotheses.Count + 1, book, cancellationToken).ConfigureAwait(false));
        }

        var identified = confidence >= Ranking.Floor && hypotheses[0].Grounded;
        var shown = ranked.Take(MostFindings).ToList();
        var top = identified ? ranked[0] : null;
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        var gaps = Gaps.Of(context, run, book, ranked);
        var signature = top is null ? null : RcaSignature.Of(top.Strongest.Category, top.Strongest.Tool, top.Strongest.ErrorClass).ToString();
        var summary = Prose.Summary(rcaCase, run, ranked, identified, confidence);
        List<string> recommendations =
        [
            .. (top?.Findings ?? shown.Select(candidate => candidate.Strongest))
                .Select(finding => finding.Recommendation).OfType<string>().Distinct(StringComparer.Ordinal).Take(MostFindings),
        ];
        return new RcaReport
        {
            IncidentId = rcaCase.Incident.Id,
            Verdict = identified ? RcaVerdict.Identified : RcaVerdict.Inconclusive,
            Confidence = confidence,
            Summary = summary,
            RootCause = top?.Strongest.Cause,
            Hypotheses = hypotheses,
            ContributingFactors = top is null ? [] : Prose.Factors(top, ranked),
            Recommendations = recommendations,
            Patterns = [.. rcaCase.History.Where(pattern => pattern.Signature == signature)],
            Timeline = Timeline(context, shown),
            Gaps = gaps,
            EmailDraft = Prose.Email(rcaCase, run, summary, recommendations, identified, Prose.Backing(rcaCase.Incident.Id, hypotheses, book.Entries)),
            Evidence = book.Entries,
            GroundedClaimRate = hypotheses.Count == 0 ? null : Math.Round((double)hypotheses.Count(claim => claim.Grounded) / hypotheses.Count, 3),
            Engine = engine.Name,
            EngineVersion = engine.Version,
            Signature = signature,
            AnalysisTimestamp = rcaCase.AnalyzedAt,
        };
    }

    private static IEnumerable<Fact> FactsOf(Candidate candidate, int place) =>
        candidate.Findings.Take(MostFindings).SelectMany(finding => FactsOf(finding, rank: place + 1));

    private static IEnumerable<Fact> FactsOf(Finding finding, int rank) => finding.Facts.Take(rank == 1 ? int.MaxValue : MostFactsOfOthers);

    private static async ValueTask<RcaHypothesis> WriteAsync(
        Candidate candidate, int rank, EvidenceBook book, CancellationToken cancellationToken)
    {
        List<string> ids = [];
        foreach (var finding in candidate.Findings.Take(MostFindings))
        {
            foreach (var fact in FactsOf(finding, rank))
            {
                var id = await book.EnterAsync(finding.Kind, fact, cancellationToken).ConfigureAwait(false);
                if (!ids.Contains(id))
                {
                    ids.Add(id);
                }
            }
        }

        return new RcaHypothesis
        {
            Rank = rank,
            Cause = candidate.Strongest.Cause,
            Category = candidate.Strongest.Category,
            Tool = candidate.Strongest.Tool,
            Score = candidate.Score,
            Evidence = ids,
            Grounded = ids.Count > 0 && ids.TrueForAll(book.IsChecked),
        };
    }

    private static List<RcaTimelineEntry> Timeline(DetectionContext context, List<Candidate> shown)
    {
        var entries = new Dictionary<string, (SpanNode Node, string Text)>(StringComparer.Ordinal);
        foreach (var fact in shown.SelectMany(candidate => candidate.Findings.Take(MostFindings)).SelectMany(finding => finding.Facts))
        {
            if (context.Spans.Find(fact.SpanId) is { } node)
            {
                entries.TryAdd(fact.SpanId, (node, fact.Text));
            }
        }

        return
        [
            .. entries.Values.OrderBy(entry => entry.Node.Index).Take(MostTimeline)
                .Select(entry => new RcaTimelineEntry(EpochUnit.ToInstant(entry.Node.StartNs), entry.Node.SpanId, entry.Node.Tool, entry.Text)),
        ];
    }
}
