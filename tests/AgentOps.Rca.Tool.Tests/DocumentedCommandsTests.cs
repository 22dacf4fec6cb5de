using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Tool.Tests.Mcp;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Tests;

/// <summary>Types the commands of docs/tool.md as they stand.</summary>
public sealed class DocumentedCommandsTests(PackedTool tool)
{
    private static readonly string[] Serving = ["serve", "mcp"];

    [Fact]
    public async Task Every_command_of_the_page_does_what_it_says()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["run.jsonl"], Sessions.Failing, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(directory["good.jsonl"], Sessions.Good, TestContext.Current.CancellationToken);
        await ExportAsync(directory);
        var commands = (await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs", "tool.md"), TestContext.Current.CancellationToken))
            .Where(line => line.StartsWith("agentops-rca ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1..]).ToList();
        Assert.True(commands.Count > 10);
        foreach (var command in commands.Where(command => !Serving.Contains(command[0])))
        {
            var run = await tool.RunAsync(directory.Path, null, command);
            var isNo = command[0] == "diff" || command.Contains("--fail-on");
            Assert.True(run.ExitCode == (isNo ? 1 : 0) && run.Output.Length > 0, $"{string.Join(' ', command)}: {run}");
        }
    }

    private static async Task ExportAsync(TemporaryDirectory directory)
    {
        await using var host = await McpHost.StartAsync();
        var id = await host.AddScenarioAsync();
        await using var export = (await host.Services.GetRequiredService<IBundleExporter>().PrepareAsync(id, options: null, TestContext.Current.CancellationToken))!;
        await using (var file = File.Create(directory["bundle.zip"]))
        {
            await export.WriteToAsync(file, TestContext.Current.CancellationToken);
        }

        var key = await host.Services.GetRequiredService<ISigningKeyProvider>().GetSigningKeyAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(directory["key.pem"], key.Public.Pem, TestContext.Current.CancellationToken);
    }
}
