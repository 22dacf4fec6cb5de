using System.Diagnostics;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests;

/// <summary>A second run of the tests on the same machine, with servers of its own.</summary>
public sealed class ParallelRunsTests
{
    [Fact(Timeout = 300_000)]
    public async Task Two_runs_beside_each_other_pass_and_one_goes_on_while_the_servers_of_the_other_stop()
    {
        var other = await SupabaseServices.StartOwnAsync();
        try
        {
            var mine = SupabaseServices.Current;
            Assert.Empty(new[] { mine.Postgres, mine.PgBouncer, mine.Gateway, mine.Directory }
                .Intersect([other.Postgres, other.PgBouncer, other.Gateway, other.Directory]));
            await Task.WhenAll(RunAsync(mine), RunAsync(other));
        }
        finally
        {
            var stillRunning = RunAsync(SupabaseServices.Current);
            await other.DisposeAsync();
            await stillRunning;
        }
    }

    // One class of the store suite for each way in.
    private static async Task RunAsync(SupabaseServices services)
    {
        var token = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(
            "dotnet",
            [
                typeof(ParallelRunsTests).Assembly.Location, "-noLogo", "-noColor",
                "-class", "*SupabaseArtifactStoreTests", "-class", "*SupabaseArtifactStorePooledTests", "-class", "*SupabaseApiArtifactStoreTests",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in services.Settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["AGENTOPS_REQUIRE_ALL"] = "1";
        using var run = Process.Start(start)!;
        var errors = run.StandardError.ReadToEndAsync(token);
        var output = await run.StandardOutput.ReadToEndAsync(token);
        await run.WaitForExitAsync(token);
        Assert.True(run.ExitCode == 0, output + await errors);
        Assert.Contains("Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Total: 0,", output, StringComparison.Ordinal);
    }
}
