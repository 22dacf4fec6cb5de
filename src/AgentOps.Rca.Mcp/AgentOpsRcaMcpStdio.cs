using AgentOps.Rca.Mcp.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace AgentOps.Rca.Mcp;

/// <summary>The MCP server over two streams, as coding agents start it: one message a line.</summary>
public static class AgentOpsRcaMcpStdio
{
    /// <summary>Serves until the input ends. The caller is the user of this process, so bundles may be named by their path.</summary>
    /// <param name="services">The services, with <c>AddAgentOpsRca().AddMcp()</c>.</param>
    /// <param name="input">Where requests come from; null is the standard input.</param>
    /// <param name="output">Where answers go; null is the standard output, which nothing else may then write to.</param>
    /// <param name="cancellationToken">Stops serving.</param>
    /// <exception cref="InvalidOperationException"><c>AddMcp()</c> was not called.</exception>
    public static async Task RunAsync(IServiceProvider services, Stream? input = null, Stream? output = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        var rca = services.GetRequiredService<RcaMcpServer>();
        var loggers = services.GetService<ILoggerFactory>();
        var options = rca.ServerOptions(isLocal: true);
        var transport = new StreamServerTransport(
            input ?? Console.OpenStandardInput(), output ?? Console.OpenStandardOutput(), options.ServerInfo!.Name, loggers);
        await using var transportDisposal = transport.ConfigureAwait(false);
        var server = McpServer.Create(transport, options, loggers, services);
        await using var serverDisposal = server.ConfigureAwait(false);
        await server.RunAsync(cancellationToken).ConfigureAwait(false);
    }
}
