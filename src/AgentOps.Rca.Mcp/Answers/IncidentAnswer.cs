using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Incidents;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Answers;

/// <summary>An incident in two kibibytes: what went wrong, why, how sure that is, and where to go on.</summary>
internal static class IncidentAnswer
{
    private const int LongestCause = 400;
    private const int MostEvidence = 12;
    private const int Name = 40;

    /// <summary>The incident as it stands; null when there is none.</summary>
    public static async ValueTask<CallToolResult?> MakeAsync(
        Guid incidentId, IIncidentStore incidents, IRcaReports reports, IIncidentApprovals approvals, string? page, CancellationToken cancellationToken)
    {
        if (await incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return null;
        }

        var analyses = await reports.ListSpansAsync(incidentId, cancellationToken).ConfigureAwait(false);
        var report = analyses is [var latest, ..] ? await reports.ReadAsync(latest, cancellationToken).ConfigureAwait(false) : null;
        var decision = await approvals.ReadAsync(incidentId, cancellationToken).ConfigureAwait(false);
        var first = report?.Hypotheses is [var hypothesis, ..] ? hypothesis : null;
        var cause = report?.RootCause ?? first?.Cause ?? "";
        return Answer.Fit(AgentOpsRcaMcpOptions.IncidentBytes, LongestCause, (json, length) =>
        {
            // Names full of characters that must be escaped give way with the cause.
            var name = Math.Min(Name, length);
            json.WriteString("incident_id", incidentId);
            json.Text("subject", incident.Subject is { } subject ? AnswerWriter.Cut(subject, name) : null);
            json.Text("problem_type", AnswerWriter.Cut(incident.ProblemType, name));
            json.Text("status", AnswerWriter.Cut(incident.Status, name));
            json.Time("opened", incident.CreatedTs);
            json.WriteNumber("analyses", analyses.Count);
            if (report is not null)
            {
                json.Text("verdict", report.Verdict.ToString().ToLowerInvariant());
                json.Number("confidence", report.Confidence);
                json.Quoted("cause", cause.Length == 0 ? null : cause, length);
                json.Text("category", first?.Category);
                json.Texts("evidence", (first?.Evidence ?? []).Take(MostEvidence));
                json.Text("report_digest", report.ReportDigest);
            }

            json.Text("decision", decision?.Latest is { } made ? $"{made.Decision.ToString().ToLowerInvariant()}{(decision.IsStale ? ", of an earlier report" : "")}" : null);
            json.End(Math.Max(0, (first?.Evidence.Count ?? 0) - MostEvidence), cursor: null, page);
        });
    }
}
