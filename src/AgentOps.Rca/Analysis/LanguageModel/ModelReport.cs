using System.Globalization;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Joins a model's answer to the trace engine's report. A step that the model names becomes a cause only with words of the records that
/// stand there; the sentence is written by code. The detectors' finding stays beside it, and a contradiction is told.
/// </summary>
internal sealed class ModelReport(RcaCase rcaCase, RcaReport trace, ModelOutcome outcome, Redactor redactor)
{
    /// <summary>From here on the detectors have proof, and a model does not take it away.</summary>
    private const double Proven = 0.8;

    private const double Floor = 0.5;

    private readonly CitationChecker _check = new(outcome.Shown, redactor);
    private readonly ModelEvidence _evidence = new(rcaCase);
    private readonly ModelClaims _claims = new(rcaCase);

    public async ValueTask<RcaReport> WriteAsync(PromptContent content, CancellationToken cancellationToken)
    {
        var answer = outcome.Answer!;
        List<ModelCandidate> candidates = [];
        foreach (var hypothesis in answer.Verdict == ModelAnswer.Cause ? answer.Hypotheses! : [])
        {
            if (await JudgeAsync(hypothesis, cancellationToken).ConfigureAwait(false) is { } candidate && candidates.TrueForAll(known => known.Culprit != candidate.Culprit))
            {
                candidates.Add(candidate);
            }
        }

        var excluded = Exclusions(answer);
        var first = candidates.Find(candidate => candidate.Hypothesis.Grounded);
        var report = trace with
        {
            Hypotheses = Ranked([.. trace.Hypotheses, .. candidates.Where(candidate => !candidate.Hypothesis.Grounded || SameAs(candidate) is null).Select(candidate => candidate.Hypothesis)]),
            Evidence = [.. trace.Evidence, .. _evidence.Entries],
            RuledOut = excluded.Count > 0 ? excluded : null,
            Statements = _claims.Counts,
            GroundedClaimRate = _claims.Rate ?? trace.GroundedClaimRate,
        };
        report = answer.Verdict == ModelAnswer.NothingWrong ? WithoutCause(report)
            : first is null ? report
            : Lead(report, candidates, first);
        return Prose.WithBacking(trace, report with { Gaps = [.. report.Gaps, .. Gaps(content, candidates)] });
    }

    private async ValueTask<ModelCandidate?> JudgeAsync(ModelHypothesis hypothesis, CancellationToken cancellationToken)
    {
        var held = hypothesis.Evidence!.Select(_check.Check).OfType<CheckedCitation>().ToList();
        var broken = hypothesis.Evidence!.Count - held.Count;
        if (_check.Node(hypothesis.Step!) is not { } culprit || held.Count == 0)
        {
            _claims.Count(StatementLevel.Refused);
            return null;
        }

        var ids = await _evidence.EnterAsync(held, cancellationToken).ConfigureAwait(false);
        var isQuoted = broken == 0 && held.Exists(citation => citation.Node == culprit && citation.Quote is not null && !citation.LooksLikeInstructions)
            && ids.Count > 0 && ids.TrueForAll(id => _evidence.IsChecked(id, trace));
        var mechanism = hypothesis.Mechanism == Mechanisms.Other ? hypothesis.Word ?? Mechanisms.Other : hypothesis.Mechanism!;
        mechanism = redactor.Redact(mechanism) == mechanism ? mechanism : Mechanisms.Other;
        var isCarried = Mechanisms.IsCarried(hypothesis.Mechanism!, _claims.MeaningsOf(held.Where(citation => citation.Node == culprit)));
        var own = held.FindAll(citation => !citation.LooksLikeInstructions);
        _claims.Count(isQuoted ? StatementLevel.Quoted : StatementLevel.Reading);
        var statements = _claims.Read(Clean(hypothesis.Explanation!), held, broken, ids);
        return new ModelCandidate(culprit, hypothesis, held, broken, isCarried, new RcaHypothesis
        {
            Rank = 0,
            Cause = isQuoted
                ? CauseSentence.Write(culprit, own, mechanism, isCarried, Mechanisms.IsOfTime(hypothesis.Mechanism!))
                : $"The language model names {Words.Name(culprit.Tool)}{Words.At(culprit.StartNs)}; what it cites does not show it.",
            Category = hypothesis.Mechanism!,
            Tool = culprit.Tool,
            Score = hypothesis.Confidence!.Value,
            Evidence = ids,
            Grounded = isQuoted,
            Level = isQuoted ? StatementLevel.Quoted : StatementLevel.Reading,
            Statements = statements,
        });
    }

    private List<RcaStatement> Exclusions(ModelAnswer answer)
    {
        List<RcaStatement> statements = [];
        foreach (var item in answer.RuledOut ?? [])
        {
            if (_check.Find(item.Id!) is { } cited)
            {
                var named = ModelEvidence.NameOf(cited);
                statements.AddRange(_claims.Read(Clean(item.Why!), [cited], 0, named is null ? [] : [named]));
            }
            else
            {
                _claims.Count(StatementLevel.Refused);
            }
        }

        return statements;
    }

    /// <summary>Puts the model's finding and the detectors' in order.</summary>
    private RcaReport Lead(RcaReport report, List<ModelCandidate> candidates, ModelCandidate first)
    {
        var explained = first.Hypothesis.Statements!.Where(statement => statement.Level >= StatementLevel.Carried).Select(statement => statement.Text).FirstOrDefault();
        if (trace.Verdict == RcaVerdict.Identified && (SameAs(first) is { Rank: 1 } || trace.Confidence >= Proven))
        {
            // The same step: the detectors' sentence stays, and the model's stand beside it.
            return SameAs(first) is { Rank: 1 } known
                ? report with
                {
                    Hypotheses = [.. report.Hypotheses.Select(hypothesis => hypothesis.Rank == known.Rank ? known with { Statements = first.Hypothesis.Statements } : hypothesis)],
                    Summary = explained is null ? trace.Summary : $"{trace.Summary} In the words of the language model: {explained}",
                }
                : report with { Summary = $"{trace.Summary} The language model sees another cause, listed below and named under the gaps." };
        }

        var confidence = Confidence(first);
        if (confidence < Floor)
        {
            return report;
        }

        var rest = candidates.Where(candidate => candidate != first && (SameAs(candidate) is null || !candidate.Hypothesis.Grounded)).Select(candidate => candidate.Hypothesis);
        var score = Math.Max(first.Hypothesis.Score, trace.Hypotheses.Select(hypothesis => hypothesis.Score).DefaultIfEmpty(0).Max());
        var cause = first.Hypothesis.Cause;
        return report with
        {
            Verdict = RcaVerdict.Identified,
            Confidence = confidence,
            RootCause = cause,
            Hypotheses = Ranked([first.Hypothesis with { Score = score }, .. trace.Hypotheses.Where(hypothesis => SameAs(first) != hypothesis), .. rest]),
            Summary = $"A language model names, with checked quotes: {cause} {(trace.Verdict == RcaVerdict.Identified ? "The detectors named: " : "")}{trace.Summary}",
            EmailDraft = trace.EmailDraft is null ? null : $"{trace.EmailDraft}\n\nA language model names, with checked quotes: {cause}",
            Signature = RcaSignature.Of(first.Hypothesis.Category, first.Hypothesis.Tool ?? "", null).ToString(),
        };
    }

    /// <summary>Nothing went wrong, the model says: that takes away what the detectors only suspect, never what they prove.</summary>
    private RcaReport WithoutCause(RcaReport report)
    {
        if (trace.Verdict != RcaVerdict.Identified || trace.Confidence >= Proven || outcome.Shown.Steps.Any(step => step.LooksLikeInstructions)
            || outcome.Shown.Evidence.Any(item => item.LooksLikeInstructions))
        {
            return report;
        }

        return report with
        {
            Verdict = RcaVerdict.Inconclusive,
            Confidence = Math.Min(trace.Confidence, Floor - 0.1),
            RootCause = null,
            Signature = null,
            Patterns = [],
            ContributingFactors = [],
            Summary = $"The language model finds nothing wrong in this run; what the detectors suspected is listed below. {trace.Hypotheses[0].Cause}",
            EmailDraft = null,
        };
    }

    /// <summary>What code could check caps what the model is sure of.</summary>
    private double Confidence(ModelCandidate candidate)
    {
        var most = Floor
            + (candidate.Culprit.Failure is not null || candidate.Cited.Any(citation => citation.Text?.Of == "error") ? 0.1 : 0)
            + (trace.Hypotheses.Any(hypothesis => hypothesis.Tool == candidate.Culprit.Tool) ? 0.05 : 0)
            + (candidate.Cited.Where(citation => citation.Quote is not null).Select(citation => (citation.Node, citation.Quote)).Distinct().Count() > 1 ? 0.05 : 0)
            + (candidate.IsCarried ? 0.1 : 0);
        return Math.Round(Math.Min(most, candidate.Hypothesis.Score), 3);
    }

    private RcaHypothesis? SameAs(ModelCandidate candidate) => trace.Hypotheses.FirstOrDefault(known => known.Evidence.Any(id =>
        trace.Evidence.FirstOrDefault(evidence => evidence.Id == id) is { SpanId: { } spanId } && spanId == candidate.Culprit.SpanId) && known.Tool == candidate.Culprit.Tool)
        ?? trace.Hypotheses.FirstOrDefault(known => known.Tool is not null && known.Tool == candidate.Culprit.Tool && known.Category == candidate.Hypothesis.Category);

    private IEnumerable<string> Gaps(PromptContent content, List<ModelCandidate> candidates)
    {
        if (_claims.Refused > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{_claims.Refused} of {_claims.Total} statements of the language model were refused: they contradict the records, or cite what is not there.");
        }

        if (outcome.Answer!.Verdict == ModelAnswer.NothingWrong)
        {
            yield return trace.Verdict == RcaVerdict.Identified
                ? "The language model contradicts the detectors: it finds nothing wrong in this run."
                : "The language model finds nothing wrong in this run.";
        }
        else if (candidates.Count == 0)
        {
            yield return "The language model named no cause that could be checked.";
        }

        if (outcome.Shown.IsCut || outcome.Shown.Count < content.Count)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The language model was shown {outcome.Shown.Steps.Count} of {content.Steps.Count} steps and {outcome.Shown.Evidence.Count} of {content.Evidence.Count} findings{(outcome.Shown.IsCut ? ", some of their texts cut" : "")}.");
        }

        if (trace.Verdict == RcaVerdict.Identified && trace.Hypotheses is [var found, ..] && candidates.Find(candidate => candidate.Hypothesis.Grounded) is { } first && SameAs(first)?.Rank != 1)
        {
            yield return $"The language model contradicts the detectors: it names {Words.Name(first.Culprit.Tool)} while they name {(found.Tool is null ? "no tool" : Words.Name(found.Tool))} ({found.Cause})";
        }
    }

    private static List<RcaHypothesis> Ranked(IReadOnlyList<RcaHypothesis> hypotheses)
    {
        // Scores fall with the rank, whatever scale they came in.
        var least = double.MaxValue;
        List<RcaHypothesis> ranked = [];
        foreach (var hypothesis in hypotheses)
        {
            least = Math.Min(least, hypothesis.Score);
            ranked.Add(hypothesis with { Rank = ranked.Count + 1, Score = least });
        }

        return ranked;
    }

    private string Clean(string text) => redactor.Redact(UntrustedText.Clean(text));
}

/// <summary>A step that a model names, with what of it holds.</summary>
internal sealed record ModelCandidate(
    SpanNode Culprit, ModelHypothesis Answer, IReadOnlyList<CheckedCitation> Cited, int Broken, bool IsCarried, RcaHypothesis Hypothesis);
