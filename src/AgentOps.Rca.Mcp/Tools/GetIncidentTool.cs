using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Mcp.Answers;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

internal sealed class GetIncidentTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    /// <summary>The members of an incident, which an analysis answers with too.</summary>
    public const string Members = """
        "incident_id":{"type":"string"},"status":{"type":"string"},"verdict":{"type":"string"},"confidence":{"type":"number"},"cause":{"type":"object"},"evidence":{"type":"array","items":{"type":"string"}},"report_digest":{"type":"string"},"decision":{"type":"string"},"left_out":{"type":"integer"},"page":{"type":"string"},"note":{"type":"string"}
        """;

    protected override string Name => "get_incident";

    protected override string Description => "An incident in at most 2 KB: cause, confidence, ids of its evidence, decision.";

    protected override string Properties => """
        "incident_id":{"type":"string"}
        """;

    protected override string[] Required => ["incident_id"];

    protected override string Answers => Members;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var id = call.Arguments.Incident();
        return call.Arguments.Problem is { } problem ? Answer.Fail(problem) : await ReadAsync(call, id, cancellationToken).ConfigureAwait(false);
    }

    public static async ValueTask<CallToolResult> ReadAsync(ToolCall call, Guid id, CancellationToken cancellationToken) =>
        await IncidentAnswer.MakeAsync(
            id, call.Get<IIncidentStore>(), call.Get<IRcaReports>(), call.Get<IIncidentApprovals>(), call.Page("incident", $"{id:D}"), cancellationToken).ConfigureAwait(false)
        ?? NotFound(id);

    public static CallToolResult NotFound(Guid id) => Answer.Fail($"incident_id: There is no incident {id:D}.");
}
