using System.Globalization;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Trials;

public sealed class HostCrashTrialWithContentInTheDatabase() : HostCrashTrial(contentsInDatabase: true);

public sealed class HostCrashTrialWithContentInADirectory() : HostCrashTrial(contentsInDatabase: false);

/// <summary>The host is killed (kill -9): at each step between content, artifact row and span row, and at random moments.</summary>
/// <param name="contentsInDatabase">Where the bytes are kept.</param>
public abstract class HostCrashTrial(bool contentsInDatabase)
{
    private static readonly (string Step, string Statement, bool IsBefore)[] Steps =
    [
        ("before the content", "insert into public.artifact_contents", true),
        ("after the content", "insert into public.artifact_contents", false),
        ("before the artifact's row", "insert into public.artifacts", true),
        ("after the artifact's row", "insert into public.artifacts", false),
        ("before the span's row", "copy public.spans", true),
        ("after the span's row", "copy public.spans", false),
    ];

    [Fact(Timeout = 1_200_000)]
    public async Task Nothing_acknowledged_is_lost_and_no_row_points_at_content_that_is_not_there()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var proxy = new StatementProxy(database.Direct);
        var files = Directory.CreateTempSubdirectory("agentops-artifacts-");
        try
        {
            (string, string)[] settings = contentsInDatabase
                ? [("SUPABASE_DB_URL", proxy.Address)]
                : [("SUPABASE_DB_URL", proxy.Address), ("ARTIFACT_DIR", files.FullName)];
            await using var host = await HostProcess.StartAsync(settings);
            var ledger = new Ledger();
            await using var ingest = new Ingest(host.Client, ledger, "crash");
            ingest.Start(4);
            var steps = contentsInDatabase ? Steps : Steps[2..];
            foreach (var (step, statement, isBefore) in steps)
            {
                await Task.Delay(Random.Shared.Next(50, 300));
                Task KillAsync()
                {
                    host.Kill();
                    return host.WaitForExitAsync();
                }

                var killed = isBefore
                    ? proxy.Arm(statement, before: KillAsync)
                    : proxy.Arm(statement, after: async _ =>
                    {
                        await KillAsync();
                        return 0;
                    });
                await killed.WaitAsync(TimeSpan.FromMinutes(1));
                Assert.True(host.HasExited, $"The host was not killed {step}.");
                await host.StartAgainAsync();
            }

            var random = Trial.Size(1, 20 - steps.Length);
            for (var crash = 0; crash < random; crash++)
            {
                await Task.Delay(Random.Shared.Next(20, 900));
                host.Kill();
                await host.WaitForExitAsync();
                await host.StartAgainAsync();
            }

            await ingest.FinishAsync();
            await using var connection = await database.OpenAsync();
            await ledger.AssertKeptAsync(connection, contentsInDatabase);
            // Every row, acknowledged or not, has its content.
            await AssertServedAsync(host, await ReadDigestsAsync(database));
            var crashes = steps.Length + random;
            Trial.Report(
                $"Host killed during ingest, content in {(contentsInDatabase ? "the database" : "a directory")}",
                $"{crashes} crashes, {steps.Length} of them at named steps; {ledger}");
        }
        finally
        {
            files.Delete(recursive: true);
        }
    }

    internal static async Task AssertServedAsync(HostProcess host, IEnumerable<string> digests)
    {
        foreach (var digest in digests)
        {
            using var reply = await host.Client.GetAsync(new Uri($"/artifacts/{digest}/content", UriKind.Relative));
            Assert.True(reply.IsSuccessStatusCode, string.Create(CultureInfo.InvariantCulture, $"{digest}: {(int)reply.StatusCode}"));
            Assert.Equal(digest, Artifacts.ArtifactDigest.Of(await reply.Content.ReadAsByteArrayAsync()).ToString());
        }
    }

    internal static async Task<string[]> ReadDigestsAsync(TestDatabase database) =>
        (await database.ReadAsync<string>("select coalesce(string_agg(digest, ','), '') from artifacts"))!.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
