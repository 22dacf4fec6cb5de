using AgentOps.Rca.Detection;

namespace MyAgent;

/// <summary>A run in which no refund succeeded must not end quietly.</summary>
public sealed class PromiseRule : IIncidentRule
{
    public IncidentFinding? Judge(EndedRun run)
    {
        var refunds = run.Spans.Where(span => span.Tool == "tool.call/refund").ToList();
        var failed = refunds.Count(span => span.Attributes.TryGetProperty("error.type", out _));
        return refunds.Count > 0 && failed == refunds.Count
            ? new IncidentFinding("refund_not_made", $"{failed} of {refunds.Count} calls of the refund failed.")
            : null;
    }
}
