using ModelContextProtocol.Server;

namespace AgentOps.Rca.Mcp.Server;

/// <summary>Tools that only the user of this process may have, over the standard streams.</summary>
/// <param name="Create">Makes them.</param>
internal sealed record LocalTools(Func<AgentOpsRcaMcpOptions, IEnumerable<McpServerTool>> Create);
