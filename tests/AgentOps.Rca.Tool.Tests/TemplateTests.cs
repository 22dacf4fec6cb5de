using System.Diagnostics;

namespace AgentOps.Rca.Tool.Tests;

/// <summary>The template from its package, and what it makes from the packed packages.</summary>
public sealed class TemplateTests : IDisposable
{
    private static readonly string[] Packages = ["AgentOps.Rca", "AgentOps.Rca.AspNetCore"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_the_template_makes_runs_finds_its_cause_and_passes_its_tests()
    {
        // A version of its own, so that no cache answers with the packages of an earlier run; what is packed was built with these tests.
        var version = $"0.0.1-test.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}";
        foreach (var package in Packages)
        {
            await RunAsync(
                Repository.Root, "pack", $"src/{package}", "-c", "Release", "--no-build", "-o", _directory["feed"], $"-p:MinVerVersionOverride={version}", "-nologo", "-v", "quiet");
        }

        await RunAsync(Repository.Root, "pack", "templates", "-o", _directory["feed"], $"-p:MinVerVersionOverride={version}", "--artifacts-path", _directory["build"], "-nologo", "-v", "quiet");
        await RunAsync(_directory.Path, "new", "install", _directory[$"feed/AgentOps.Rca.Templates.{version}.nupkg"], "--debug:custom-hive", _directory["hive"]);
        await RunAsync(_directory.Path, "new", "agentops-rca", "-o", "Shop", "--debug:custom-hive", _directory["hive"]);
        await File.WriteAllTextAsync(_directory["Shop/nuget.config"], $"""
            <configuration><packageSources><add key="packed" value="{_directory["feed"]}" /></packageSources></configuration>
            """, TestContext.Current.CancellationToken);

        var run = await RunAsync(_directory["Shop"], "run", "--project", "Shop", "--", "--Urls=http://127.0.0.1:0", "--once");
        Assert.Contains("A-17: A-17 is refunded.", run, StringComparison.Ordinal);
        Assert.Matches("Cause: .*refund.*", run);
        Assert.Matches(@"Page: http://127\.0\.0\.1:\d+/#incident/[0-9a-f-]{36}", run);
        Assert.Contains("Passed!", await RunAsync(_directory["Shop"], "test"), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var run = await ToolRun.OfAsync(process);
        Assert.True(run.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {run.ExitCode}:\n{run.Output}{run.Errors}");
        return run.Output;
    }
}
