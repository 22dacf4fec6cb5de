using AgentOps.Rca;
using AgentOps.Rca.Mcp;
using AgentOps.Rca.Mcp.Answers;
using AgentOps.Rca.Mcp.Server;
using AgentOps.Rca.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets coding agents ask AgentOps.Rca, over the Model Context Protocol.</summary>
public static class AgentOpsRcaMcpBuilderExtensions
{
    /// <summary>
    /// Adds the MCP server, which <c>app.MapAgentOpsRcaMcp("/mcp")</c> serves over HTTP and <see cref="AgentOpsRcaMcpStdio"/> over the standard streams.
    /// It is apart from an MCP server of the host's own: neither shows the other's tools.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the settings after they were read.</param>
    public static IAgentOpsRcaBuilder AddMcp(this IAgentOpsRcaBuilder builder, Action<AgentOpsRcaMcpOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.Services.AddSettings<AgentOpsRcaMcpOptions>(
            McpSettings.Section, static (given, options) => given.Values.Bind(options), new McpAttributes(), McpSettings.Find);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        builder.Services.AddHttpContextAccessor();
        builder.Services.TryAddSingleton<Masking>();
        builder.Services.TryAddSingleton<RcaMcpServer>();
        return builder;
    }
}
