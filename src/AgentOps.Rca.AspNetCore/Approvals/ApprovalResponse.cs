using AgentOps.Rca.Approvals;
using AgentOps.Rca.Identity;

namespace AgentOps.Rca.AspNetCore.Approvals;

/// <summary>A recorded decision on the wire.</summary>
internal sealed record ApprovalResponse(
    string Status, Guid IncidentId, string? ReportDigest, string? ApprovedBy, string? Note, string? RequestedBy, DateTimeOffset DecidedAt, string SpanId,
    Actor? Approver, Actor? Requester)
{
    public static ApprovalResponse Of(Approval approval) => new(
        approval.Decision == ApprovalDecision.Approved ? "approved" : "rejected",
        approval.IncidentId,
        approval.ReportDigest,
        approval.ApprovedBy,
        approval.Note,
        approval.RequestedBy,
        approval.DecidedAt,
        approval.SpanId,
        approval.Approver,
        approval.Requester);
}
