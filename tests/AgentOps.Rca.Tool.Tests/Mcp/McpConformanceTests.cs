using System.Diagnostics;

namespace AgentOps.Rca.Tool.Tests.Mcp;

/// <summary>The protocol's own suite (npm), as far as it does not ask for tools that only its reference server has.</summary>
public sealed class McpConformanceTests
{
    [Theory]
    [InlineData("server-initialize")]
    [InlineData("ping")]
    [InlineData("tools-list")]
    [InlineData("resources-list")]
    [InlineData("prompts-list")]
    [InlineData("dns-rebinding-protection")]
    public async Task The_suite_passes_over_HTTP(string scenario)
    {
        var suite = Path.Combine(Repository.Root, "eng", "mcp", "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js");
        if (!File.Exists(suite))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", "The suite is not installed: npm install --prefix eng/mcp");
        }

        await using var host = await McpHost.StartAsync();
        using var directory = new TemporaryDirectory();
        var (code, output) = await RunAsync(directory.Path, suite, "server", "--url", new Uri(host.Address, "/mcp").ToString(), "--scenario", scenario);
        Assert.True(code == 0 && output.Contains("0 failed", StringComparison.Ordinal), output);
    }

    private static async Task<(int Code, string Output)> RunAsync(string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("node", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }
}
