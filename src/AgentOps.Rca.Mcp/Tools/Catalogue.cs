using ModelContextProtocol.Server;

namespace AgentOps.Rca.Mcp.Tools;

/// <summary>Which tools there are.</summary>
internal static class Catalogue
{
    public static IEnumerable<McpServerTool> Of(AgentOpsRcaMcpOptions options, bool isLocal)
    {
        yield return new ListIncidentsTool(options);
        yield return new GetIncidentTool(options);
        yield return new ListStepsTool(options);
        yield return new GetSpanTool(options);
        yield return new GetEvidenceTool(options);
        yield return new CompareRunsTool(options);
        yield return new GetReportTool(options);
        yield return new VerifyBundleTool(options, isLocal);
        if (options.AllowAnalyze)
        {
            yield return new AnalyzeTool(options);
        }

        if (options.AllowDecide)
        {
            yield return new DecideTool(options);
        }
    }
}
