using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Supabase.Tests.Http;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>PostgREST goes away and comes back while a host takes writes over the Data API.</summary>
public sealed class PostgrestRestartTrial
{
    [Fact(Timeout = 1_200_000)]
    public async Task Nothing_acknowledged_is_lost_or_doubled_and_the_host_recovers()
    {
        var cycles = Trial.Size(2, 20);
        await using var services = await SupabaseServices.StartOwnAsync();
        await using (var owner = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = services.Postgres }, TimeProvider.System, NullLoggerFactory.Instance))
        {
            await owner.PrepareAsync(owner.Contents!, TestContext.Current.CancellationToken);
        }

        await using var host = await SupabaseHost.StartAsync(("SUPABASE_URL", services.Gateway), ("SUPABASE_KEY", "sb_secret_test"));
        var ledger = new Ledger();
        await using var ingest = new Ingest(host.Client, ledger, "rest");
        ingest.Start(8);
        List<TimeSpan> times = [];
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            await Task.Delay(Random.Shared.Next(400, 1_200));
            await services.StopAsync("postgrest", cycle % 2 == 0 ? "kill" : "fast");
            await Task.Delay(Random.Shared.Next(0, 500));
            await services.RestartAsync("postgrest");
            times.Add(await PostgresRestartTrial.TimeAsync(ingest));
        }

        await ingest.FinishAsync();
        await using var connection = await PostgresRestartTrial.OpenAsync(services.Postgres);
        await ledger.AssertKeptAsync(connection);
        Trial.Report(
            "PostgREST killed or stopped during ingest",
            $"{cycles} cycles, {ledger}; serving again {PostgresRestartTrial.Times(times)}");
    }
}
