using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Gathers what a post-mortem is made of.</summary>
internal sealed class PostmortemReader(IIncidentStore incidents, ISpanStore spans, ArtifactVault artifacts, KpiReader kpis, IReplayer replayer)
{
    private readonly ReportReader _reports = new(spans, artifacts);

    public async ValueTask<PostmortemOutcome> WriteAsync(PostmortemQuery query, CancellationToken cancellationToken)
    {
        if (await incidents.GetAsync(query.IncidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return new PostmortemOutcome.IncidentNotFound(query.IncidentId);
        }

        var (report, _, problem) = await _reports.FindAsync(query.IncidentId, query.ReportDigest, cancellationToken).ConfigureAwait(false);
        if (problem is not null)
        {
            return new PostmortemOutcome.ReportNotFound(problem);
        }

        var approval = await ApprovalReader.ReadAsync(spans, query.IncidentId, checks: null, cancellationToken).ConfigureAwait(false);
        if (await kpis.ReadAsync(query.IncidentId, cancellationToken).ConfigureAwait(false) is not { } figures)
        {
            return new PostmortemOutcome.IncidentNotFound(query.IncidentId);
        }

        var replay = query.Replay ? await replayer.ReplayAsync(query.IncidentId, cancellationToken: cancellationToken).ConfigureAwait(false) : null;
        var isLatest = report?.ReportDigest == approval.LatestReportDigest;
        return new PostmortemOutcome.Written(
            PostmortemWriter.Write(new PostmortemContent(incident, report, isLatest, approval, figures, replay) { File = IncidentOrigin.FileOf(incident, query.FileName) }), report?.ReportDigest);
    }
}
