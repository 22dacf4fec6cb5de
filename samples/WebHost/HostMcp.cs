using AgentOps.Rca.Mcp;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.WebHost;

/// <summary>The MCP server for coding agents: there unless a setting says otherwise, behind the same keys as the API.</summary>
internal static class HostMcp
{
    public const string Setting = "AgentOpsRca:Mcp:Enabled";

    private const string Path = "/mcp";

    public static IAgentOpsRcaBuilder AddCodingAgents(this IAgentOpsRcaBuilder rca, bool isOn)
    {
        rca.Services.AddSingleton(new HasMcp(isOn));
        return isOn ? rca.AddMcp() : rca;
    }

    public static void MapCodingAgents(this WebApplication application)
    {
        if (IsOn(application))
        {
            application.MapAgentOpsRcaMcp(Path);
        }
    }

    /// <summary>Where it is, and what it may do.</summary>
    public static string Describe(WebApplication application, string address)
    {
        if (!IsOn(application))
        {
            return $"off ({Setting})";
        }

        var options = application.Services.GetRequiredService<IOptions<AgentOpsRcaMcpOptions>>().Value;
        var acts = string.Join(" and ", new[] { options.AllowAnalyze ? "analyze" : null, options.AllowDecide ? "decide" : null }.OfType<string>());
        return $"{address}{Path}, for coding agents, {(acts.Length == 0 ? "reads only" : $"may {acts}")}";
    }

    private static bool IsOn(WebApplication application) => application.Services.GetRequiredService<HasMcp>().Value;

    private sealed record HasMcp(bool Value);
}
