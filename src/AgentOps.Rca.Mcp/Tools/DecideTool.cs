using AgentOps.Rca.Approvals;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Mcp.Answers;
using AgentOps.Rca.Redaction;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

/// <summary>Records a person's decision. Whose it is, the sign-in says where there is one.</summary>
internal sealed class DecideTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    protected override string Name => "decide";

    protected override string Description => "Records a person's decision on the report that they have read; only when a person asks you to.";

    protected override string Properties => """
        "incident_id":{"type":"string"},"decision":{"enum":["approved","rejected"]},"report_digest":{"type":"string"},"by":{"type":"string"},"note":{"type":"string"}
        """;

    protected override string[] Required => ["incident_id", "decision", "report_digest"];

    protected override string Answers => """
        "incident_id":{"type":"string"},"decision":{"type":"string"},"by":{"type":"string"},"authenticated":{"type":"boolean","description":"else the name is only claimed"},"decided_at":{"type":"string"},"left_out":{"type":"integer"},"page":{"type":"string"},"note":{"type":"string"}
        """;

    protected override string ActScope => CallerScopes.Decide;

    protected override bool IsRepeatable => true;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var (id, decision, report) = (arguments.Incident(), arguments.Choice("decision", "approved", "rejected"), arguments.Report(required: true));
        var (by, note) = (arguments.Text("by", ApprovalRequest.LongestName), arguments.Text("note", ApprovalRequest.LongestNote));
        if (decision is null)
        {
            arguments.Fail("decision", "It is missing.");
        }

        Check("by", by, mayHaveLines: false);
        Check("note", note, mayHaveLines: true);
        var actor = call.Caller.Sign(by, "by", needsName: true, out var impostor);
        if (impostor is not null)
        {
            arguments.Fail("by", impostor.Detail);
        }

        if (arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        var request = new ApprovalRequest
        {
            IncidentId = id,
            Decision = decision == "rejected" ? ApprovalDecision.Rejected : ApprovalDecision.Approved,
            ApprovedBy = by,
            Approver = actor,
            Source = call.Source,
            Note = note,
            ReportDigest = report,
        };
        return await call.Get<IIncidentApprovals>().DecideAsync(request, cancellationToken).ConfigureAwait(false) switch
        {
            ApprovalOutcome.Recorded recorded => Write(call, recorded.Approval),
            ApprovalOutcome.AlreadyRecorded known => Write(call, known.Approval),
            ApprovalOutcome.Conflict => Answer.Fail("decision: Another decision on this report is recorded already, and stays."),
            ApprovalOutcome.StaleReport stale => Answer.Fail($"report_digest: This is not the latest report, which is {stale.LatestDigest}."),
            ApprovalOutcome.NoReport => Answer.Fail("report_digest: The incident has no report."),
            ApprovalOutcome.NotAllowed refused => Answer.Fail($"by: {refused.Reason}"),
            ApprovalOutcome.IncidentNotFound missing => GetIncidentTool.NotFound(missing.IncidentId),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of a decision."),
        };

        void Check(string name, string? text, bool mayHaveLines)
        {
            if (text is not null && ShownText.FindProblem(text, mayHaveLines) is { } wrong)
            {
                arguments.Fail(name, wrong);
            }
        }
    }

    private CallToolResult Write(ToolCall call, Approval approval) => Answer.Fit(Options.AnswerBytes, 0, (json, _) =>
    {
        json.WriteString("incident_id", approval.IncidentId);
        json.WriteString("decision", approval.Decision.ToString().ToLowerInvariant());
        json.Text("by", approval.ApprovedBy);
        json.WriteBoolean("authenticated", approval.Approver?.Authenticated == true);
        json.Text("report_digest", approval.ReportDigest);
        json.Time("decided_at", approval.DecidedAt);
        json.End(0, cursor: null, call.Page("incident", $"{approval.IncidentId:D}"));
    });
}
