using System.CommandLine;
using AgentOps.Rca.Mcp;
using AgentOps.Rca.Mcp.Server;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Commands;

/// <summary><c>mcp [FILE…]</c>: the MCP server over the standard streams, with a tool that opens files.</summary>
internal static class McpCommand
{
    public static Command Create()
    {
        var files = CommonOptions.Files(ArgumentArity.ZeroOrMore);
        var command = new Command("mcp", "Serves coding agents over the standard streams (MCP); the tool open_file reads a trace file and finds its cause.") { files };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(files) ?? [], cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string[] names, CancellationToken cancellationToken)
    {
        names = [.. names.Where(static name => name != "-")];
        var store = await TemporaryStore.ForAsync(names, cancellationToken).ConfigureAwait(false);
        await using var storeDisposal = store.ConfigureAwait(false);
        var services = await ToolServices.CreateAsync(
            store,
            static rca =>
            {
                rca.AddMcp(static options => options.AllowAnalyze = true);
                rca.Services.AddSingleton(static _ => new LocalTools(static options => [new OpenFileTool(options)]));
            },
            cancellationToken).ConfigureAwait(false);
        await using var servicesDisposal = services.ConfigureAwait(false);
        using var progress = new ProgressLine(isWanted: false);
        var opener = new FileOpener(services, progress);
        foreach (var name in names)
        {
            var file = await opener.OpenAsync(name, cancellationToken, perRun: true).ConfigureAwait(false);
            await FileAnalysis.RunAllAsync(services, file, "auto", reference: null, progress, cancellationToken).ConfigureAwait(false);
        }

        await AgentOpsRcaMcpStdio.RunAsync(services, cancellationToken: cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
