using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>The sentences of a report.</summary>
internal static class Prose
{
    private const int MostFactors = 5;

    public static string Summary(RcaCase rcaCase, AgentRun run, IReadOnlyList<Candidate> ranked, bool identified, double confidence)
    {
        var incident = rcaCase.Incident;
        var late = incident.EtaDeltaHours is { } hours and not 0
            ? Words.Invariant($" ({Math.Abs(hours):0.##} hours {(hours > 0 ? "late" : "early")})")
            : "";
        var request = run.Request is { } asked ? $" (asked for: “{Words.Short(asked.Text, 120)}”)" : "";
        var subject = $"{What(incident, run.IsEmpty, "Order ", "Incident ", "The agent's run")}{(run.IsEmpty ? "" : request)}{(IsImported(incident) ? IncidentOrigin.ReadFromFile : $" was reported as {Words.Short(incident.ProblemType, 80)}{late}.")}";
        if (ranked.Count == 0)
        {
            return run.IsEmpty
                ? $"{subject} Nothing in {rcaCase.Spans.Nodes.Count} recorded spans stands out, so no cause can be named."
                : !MethodVersion.IsBefore(5) && Failed(rcaCase) is { } failed
                ? $"{subject} {failed} Nothing shows that the run failed by it, and nothing is proven wrong in its {Words.Count(run.Steps.Count, "step")}, so no cause can be named."
                : $"{subject} Nothing is recorded as failed or proven wrong in its {Words.Count(run.Steps.Count, "step")}, so no cause can be named.";
        }

        if (!identified && ranked[0].Strongest.Proof == Proof.Hint)
        {
            return $"{subject} Nothing is proven wrong in its {Words.Count(run.Steps.Count, "step")}. A sign, no proof: {ranked[0].Strongest.Cause}";
        }

        var sure = Words.Percent(confidence);
        return identified
            ? $"{subject} {ranked[0].Strongest.Cause} The evidence carries this with a confidence of {sure}."
            : $"{subject} The evidence is too weak to name a cause ({sure}). The likeliest is: {ranked[0].Strongest.Cause}";
    }

    // What failed beneath steps that went well.
    private static string? Failed(RcaCase rcaCase)
    {
        var failed = rcaCase.Spans.Nodes.Where(static node => node.Failure is not null).ToList();
        return failed.Count == 0 ? null
            : $"{Words.Count(failed.Count, "span is", "spans are")} recorded as failed{(failed.Count == 1 ? ":" : ", the first is")} {Words.Name(failed[0].Tool)}{(ErrorText.Clean(failed[0].Failure!.Message) is { Length: > 0 } words ? $" (“{Words.Short(words, 80)}”)" : "")}.";
    }

    public static IReadOnlyList<string> Factors(Candidate top, IReadOnlyList<Candidate> ranked) =>
    [
        .. top.Strongest.Factors
            .Concat(top.Findings.Skip(1).Where(finding => finding.Kind != top.Strongest.Kind).Select(finding => finding.Cause))
            .Concat(ranked.Skip(1).Where(candidate => candidate.Score >= 1).Select(candidate => candidate.Strongest.Cause))
            .Distinct(StringComparer.Ordinal)
            .Take(MostFactors),
    ];

    public static string Email(RcaCase rcaCase, AgentRun run, string summary, List<string> recommendations, bool identified, string backing)
    {
        var incident = rcaCase.Incident;
        var what = What(incident, run.IsEmpty, "order ", "incident ", "the run");
        var about = !IsImported(incident) ? $"{Words.Short(incident.ProblemType, 80)} of {what}"
            : run.Request is { } asked ? $"{what} “{Words.Short(asked.Text, 80)}”" : what;
        var subject = identified ? $"Subject: Cause found for {about}" : $"Subject: {about}: cause still open";
        var next = recommendations.Count == 0
            ? "We need more evidence before we can say what to change."
            : $"What we suggest:\n{string.Join('\n', recommendations.Select(text => $"- {text}"))}";
        return $"{subject}\n\nHello,\n\n{summary}\n\n{next}\n\n{backing}\n";
    }

    // Nobody reported the run of a file as anything.
    private static bool IsImported(Incident incident) => incident.ProblemType == IncidentOrigin.ImportedRun && !MethodVersion.IsBefore(5);

    // What is known of what went wrong: an order, what else the incident is about, a run of an agent, or the incident alone.
    private static string What(Incident incident, bool isWithoutRun, string theOrder, string theIncident, string theRun) => (isWithoutRun, incident.Subject) switch
    {
        (true, null) => $"{theIncident}{incident.Id:D}",
        (true, { } subject) => $"{(IncidentSubject.IsOrder(incident) ? theOrder : "")}{Words.Short(subject, 80)}",
        (false, null) => theRun,
        (false, { } subject) => $"{theRun} for {Words.Short(subject, 80)}",
    };

    /// <summary>The later form of a report with a mail that says how far that one is backed.</summary>
    public static RcaReport WithBacking(RcaReport before, RcaReport after) => after with
    {
        EmailDraft = after.EmailDraft?.Replace(
            Backing(before.IncidentId, before.Hypotheses, before.Evidence), Backing(after.IncidentId, after.Hypotheses, after.Evidence), StringComparison.Ordinal),
    };

    /// <summary>How far what a report says rests on evidence that was found again, in a sentence that promises no more than that.</summary>
    public static string Backing(Guid incident, IReadOnlyList<RcaHypothesis> hypotheses, IReadOnlyList<RcaEvidence> evidence)
    {
        var report = $"the attached report on incident {incident:D}";
        if (hypotheses.Count == 0)
        {
            return $"No cause is named above, so there is no evidence for one; {report} says what was looked at and what is missing.";
        }

        var open = hypotheses.Count(hypothesis => !hypothesis.Grounded);
        var lost = evidence.Count(item => !item.Checked);
        return open == 0 && lost == 0 ? $"Every statement above is backed by recorded evidence in {report}."
            : lost > 0 ? $"Not every statement above is backed by recorded evidence: {lost} of {evidence.Count} citations in {report} could not be found again."
            : $"Not every statement above is backed by recorded evidence: {open} of {hypotheses.Count} hypotheses in {report} are not.";
    }
}
