using System.Text.Json.Serialization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>An incident on the wire; its id is there a second time for older clients.</summary>
internal record IncidentResponse(
    Guid Id,
    Guid IncidentId,
    string OrderId,
    string ProblemType,
    double? EtaDeltaHours,
    string Status,
    DateTimeOffset CreatedTs,
    [property: JsonConverter(typeof(RecordJsonConverter))] RecordJson Details)
{
    /// <summary>The order id under its neutral name; null when it is not known, where the older name is an empty text.</summary>
    public string? Subject => OrderId.Length == 0 ? null : OrderId;

    public static IncidentResponse Of(Incident incident) => new(
        incident.Id,
        incident.Id,
        incident.OrderId,
        incident.ProblemType,
        incident.EtaDeltaHours,
        incident.Status,
        incident.CreatedTs,
        incident.KeptDetails);
}

/// <summary>An incident with what belongs to it.</summary>
internal sealed record IncidentDetailResponse(
    Guid Id,
    Guid IncidentId,
    string OrderId,
    string ProblemType,
    double? EtaDeltaHours,
    string Status,
    DateTimeOffset CreatedTs,
    RecordJson Details,
    long? SpanCount,
    long? ArtifactCount,
    LatestReport? LatestReport,
    LatestDecision? Approval,
    IReadOnlyList<DecisionFinding> DecisionFindings)
    : IncidentResponse(Id, IncidentId, OrderId, ProblemType, EtaDeltaHours, Status, CreatedTs, Details)
{
    public static IncidentDetailResponse Of(Incident incident, IncidentCounts? counts, RcaReport? report, ApprovalState? approval) => new(
        incident.Id,
        incident.Id,
        incident.OrderId,
        incident.ProblemType,
        incident.EtaDeltaHours,
        incident.Status,
        incident.CreatedTs,
        incident.KeptDetails,
        counts?.Spans,
        counts?.Artifacts,
        report is null ? null : new LatestReport(report.ReportDigest, report.Verdict, report.Summary),
        approval?.Latest is not { } decision ? null : new LatestDecision(
            decision.Decision, decision.ApprovedBy, decision.Note, decision.ReportDigest, decision.DecidedAt, approval.IsStale, decision.Approver,
            decision.Requester),
        approval?.Findings ?? []);
}

/// <summary>The latest report of an incident, in short.</summary>
internal sealed record LatestReport(string? ReportDigest, RcaVerdict Verdict, string Summary);

/// <summary>
/// The decision on the latest report, or else the newest one on an earlier report, which is stale: a newer report has overtaken it.
/// </summary>
internal sealed record LatestDecision(
    ApprovalDecision Status, string? ApprovedBy, string? Note, string? ReportDigest, DateTimeOffset DecidedAt, bool Stale,
    Actor? Approver, Actor? Requester);
