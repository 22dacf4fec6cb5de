using System.Globalization;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Joins what a model claims to the trace engine's report. The detectors' finding stays first whenever there is one; the model explains
/// it, adds to it, or contradicts it in plain sight. Only claims that the checks carry get in as grounded.
/// </summary>
internal sealed class ModelReport(RcaCase rcaCase, RcaReport trace, ModelOutcome outcome, Redactor redactor)
{
    /// <summary>A model's finding where the detectors have none is a suggestion.</summary>
    private const double MostConfidenceAlone = 0.5;

    private readonly CitationChecker _check = new(outcome.Shown, redactor);
    private readonly ClaimSupport _support = new(rcaCase, trace);
    private readonly List<RcaEvidence> _quoted = [];
    private int _claims;
    private int _grounded;

    public RcaReport Write(int evidenceCount)
    {
        var answer = outcome.Answer!;
        var hypotheses = answer.Hypotheses!.Select(Judge).OfType<RcaHypothesis>().OrderByDescending(hypothesis => hypothesis.Grounded).ToList();
        var factors = Grounded(answer.ContributingFactors);
        var recommendations = Grounded(answer.Recommendations);
        var first = hypotheses.FirstOrDefault(hypothesis => hypothesis.Grounded);
        var report = Prose.WithBacking(trace, trace with
        {
            Hypotheses = Merge(hypotheses, first),
            ContributingFactors = [.. trace.ContributingFactors.Concat(factors).Distinct(StringComparer.Ordinal)],
            Recommendations = [.. trace.Recommendations.Concat(recommendations).Distinct(StringComparer.Ordinal)],
            Evidence = [.. trace.Evidence, .. _quoted],
            Gaps = [.. trace.Gaps, .. Gaps(first, evidenceCount)],
            GroundedClaimRate = _claims == 0 ? trace.GroundedClaimRate : (double)_grounded / _claims,
        });
        return first is null ? report : trace.Verdict == RcaVerdict.Identified ? Explain(report, first) : Suggest(report, first);
    }

    private RcaHypothesis? Judge(ModelHypothesis hypothesis)
    {
        var cause = Clean(hypothesis.Cause!);
        var cited = Cite(hypothesis.Citations!, out var all);
        var tool = hypothesis.Tool is { } named && ClaimSupport.IsInvolved(named, cited) ? named : null;
        var isInvolved = hypothesis.Tool is null || tool is not null;
        var grounded = Count(all && isInvolved && _support.Carries(cause, cited));
        return cited.Count == 0 ? null : new RcaHypothesis
        {
            Rank = 0,
            Cause = grounded ? cause : $"Not supported by the evidence: {cause}",
            // A key can have the form of a category.
            Category = redactor.Redact(hypothesis.Category!) == hypothesis.Category ? hypothesis.Category : "other",
            Tool = tool,
            Score = hypothesis.Confidence!.Value,
            Evidence = References(cited, grounded),
            Grounded = grounded,
        };
    }

    private List<string> Grounded(IReadOnlyList<ModelClaim>? claims)
    {
        var kept = new List<string>();
        foreach (var claim in claims ?? [])
        {
            var text = Clean(claim.Text!);
            var cited = Cite(claim.Citations!, out var all);
            if (Count(all && _support.Carries(text, cited)))
            {
                References(cited, grounded: true);
                kept.Add(text);
            }
        }

        return kept;
    }

    private List<CheckedCitation> Cite(IReadOnlyList<ModelCitation> citations, out bool all)
    {
        var held = citations.Select(_check.Check).OfType<CheckedCitation>().ToList();
        all = held.Count > 0 && held.Count == citations.Count;
        return held;
    }

    private bool Count(bool grounded)
    {
        _claims++;
        _grounded += grounded ? 1 : 0;
        return grounded;
    }

    /// <summary>The ids of the evidence; words that the model quoted become evidence of their own, so that a reader finds them.</summary>
    private List<string> References(List<CheckedCitation> cited, bool grounded)
    {
        var ids = new List<string>();
        foreach (var (item, quote) in cited)
        {
            ids.Add(item.Evidence.Id);
            if (!grounded || quote is null || item.Evidence.Quote?.Contains(quote, StringComparison.Ordinal) == true)
            {
                continue;
            }

            var known = _quoted.Find(evidence =>
                evidence.Quote == quote && evidence.SpanId == item.Evidence.SpanId && evidence.ArtifactDigest == item.Evidence.ArtifactDigest);
            if (known is null)
            {
                known = new RcaEvidence
                {
                    Id = string.Create(CultureInfo.InvariantCulture, $"M{_quoted.Count + 1}"),
                    Kind = "model_quote",
                    SpanId = item.Evidence.SpanId,
                    ArtifactDigest = item.Evidence.ArtifactDigest,
                    Quote = quote,
                    Text = $"The language model points at these words within {item.Evidence.Id}.",
                    Checked = true,
                };
                _quoted.Add(known);
            }

            ids.Add(known.Id);
        }

        return [.. ids.Distinct(StringComparer.Ordinal)];
    }

    // The detectors' hypotheses keep their order and scores; the model's follow, scored below the last of them.
    private List<RcaHypothesis> Merge(List<RcaHypothesis> hypotheses, RcaHypothesis? first)
    {
        var alone = trace.Verdict != RcaVerdict.Identified && first is not null;
        var added = hypotheses.Where(hypothesis => alone && hypothesis == first || !trace.Hypotheses.Any(known => IsSame(known, hypothesis))).ToList();
        var least = trace.Hypotheses.Select(hypothesis => hypothesis.Score).DefaultIfEmpty(1).Min();
        var most = trace.Hypotheses.Select(hypothesis => hypothesis.Score).DefaultIfEmpty(1).Max();
        var merged = new List<RcaHypothesis>();
        if (alone)
        {
            merged.Add(first! with { Score = most });
            added.Remove(first);
        }

        merged.AddRange(trace.Hypotheses);
        merged.AddRange(added.Select(hypothesis => hypothesis with { Score = Math.Max(0, least) * hypothesis.Score / 2 }));
        return [.. merged.Select((hypothesis, index) => hypothesis with { Rank = index + 1 })];
    }

    private IEnumerable<string> Gaps(RcaHypothesis? first, int evidenceCount)
    {
        if (_claims > _grounded)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{_claims - _grounded} of {_claims} claims of the language model are not carried by the evidence; they were left out or are marked as not supported.");
        }

        if (_claims == 0)
        {
            yield return "The language model found no cause in the evidence it was shown.";
        }

        if (evidenceCount > outcome.Shown.Count)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{evidenceCount - outcome.Shown.Count} of {evidenceCount} pieces of evidence did not fit the language model's prompt.");
        }

        if (first is not null && trace.Verdict == RcaVerdict.Identified && trace.Hypotheses is [var found, ..] && !IsSame(found, first))
        {
            yield return $"The language model contradicts the detectors: it names {Named(first)} ({first.Cause}) while they name "
                + $"{Named(found)} ({found.Cause}). The detectors' finding stays first.";
        }
    }

    private RcaReport Explain(RcaReport report, RcaHypothesis first) =>
        trace.Hypotheses is [var found, ..] && IsSame(found, first)
            ? report with { Summary = $"{trace.Summary} In the words of the language model: {first.Cause}" }
            : report with { Summary = $"{trace.Summary} The language model sees another cause, listed below and named under the gaps." };

    private RcaReport Suggest(RcaReport report, RcaHypothesis first) => report with
    {
        Verdict = first.Tool is null ? trace.Verdict : RcaVerdict.Identified,
        Confidence = first.Tool is null ? trace.Confidence : Math.Min(MostConfidenceAlone, first.Score),
        RootCause = first.Tool is null ? trace.RootCause : first.Cause,
        Summary = $"The detectors alone reach no conclusion; a language model suggests, with checked citations: {first.Cause} {trace.Summary}",
        EmailDraft = report.EmailDraft is null ? null : $"{report.EmailDraft}\n\nA language model suggests, with checked citations: {first.Cause}",
    };

    private static bool IsSame(RcaHypothesis left, RcaHypothesis right) =>
        left.Tool == right.Tool && (left.Tool is not null || left.Category == right.Category);

    private static string Named(RcaHypothesis hypothesis) => hypothesis.Tool is { } tool ? Words.Name(tool) : "no tool";

    private string Clean(string text) => redactor.Redact(UntrustedText.Clean(text));
}
