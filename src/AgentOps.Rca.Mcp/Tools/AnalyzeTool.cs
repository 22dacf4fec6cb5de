using AgentOps.Rca.Analysis;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Mcp.Answers;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

internal sealed class AnalyzeTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    protected override string Name => "analyze";

    protected override string Description => "Looks for the cause of an incident and stores the report; answers as get_incident does.";

    protected override string Properties => """
        "incident_id":{"type":"string"},"engine":{"type":"string","description":"auto, trace or llm"}
        """;

    protected override string[] Required => ["incident_id"];

    protected override string Answers => GetIncidentTool.Members;

    protected override string ActScope => CallerScopes.Analyze;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var (id, engine) = (call.Arguments.Incident(), call.Arguments.Text("engine", RcaRequest.LongestEngine));
        if (call.Arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        var requester = call.Caller.Sign(claimed: null, "", needsName: false, out _);
        var request = new RcaRequest { IncidentId = id, Engine = engine ?? RcaRequest.AutoEngine, Requester = requester, Source = call.Source };
        return await call.Get<IRcaAnalyzer>().AnalyzeAsync(request, progress: null, cancellationToken).ConfigureAwait(false) switch
        {
            RcaOutcome.Completed => await GetIncidentTool.ReadAsync(call, id, cancellationToken).ConfigureAwait(false),
            RcaOutcome.IncidentNotFound missing => GetIncidentTool.NotFound(missing.IncidentId),
            RcaOutcome.EngineUnknown unknown => Answer.Fail($"engine: There is no engine of this name; there are {string.Join(", ", unknown.Known)}."),
            RcaOutcome.EngineUnavailable unavailable => Answer.Fail($"engine: {unavailable.Reason}"),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of an analysis without a reference."),
        };
    }
}
