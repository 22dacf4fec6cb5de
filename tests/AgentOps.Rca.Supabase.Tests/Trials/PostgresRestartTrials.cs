using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using AgentOps.Rca.Supabase.Tests.Http;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Npgsql;

namespace AgentOps.Rca.Supabase.Tests.Trials;

public sealed class PostgresFastStopTrial() : PostgresRestartTrial("fast");

public sealed class PostgresImmediateStopTrial() : PostgresRestartTrial("immediate");

public sealed class PostgresKillTrial() : PostgresRestartTrial("kill");

/// <summary>
/// PostgreSQL goes away and comes back while two hosts take writes, one directly and one behind PgBouncer in transaction mode. Each mode
/// has servers of its own, so that the three run beside each other.
/// </summary>
/// <param name="mode">How it is stopped.</param>
public abstract class PostgresRestartTrial(string mode)
{
    private static readonly TimeSpan DirectLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PooledLimit = TimeSpan.FromSeconds(20);

    [Fact(Timeout = 1_200_000)]
    public async Task Nothing_acknowledged_is_lost_or_doubled_and_both_hosts_recover()
    {
        var cycles = Trial.Size(1, 20);
        await using var services = await SupabaseServices.StartOwnAsync();
        await using var direct = await SupabaseHost.StartAsync(("SUPABASE_DB_URL", services.Postgres));
        await using var pooled = await SupabaseHost.StartAsync(("SUPABASE_DB_URL", services.PgBouncer));
        var ledger = new Ledger();
        await using var directIngest = new Ingest(direct.Client, ledger, $"{mode}-direct");
        await using var pooledIngest = new Ingest(pooled.Client, ledger, $"{mode}-pooled");
        directIngest.Start(6);
        pooledIngest.Start(6);
        List<TimeSpan> directTimes = [], pooledTimes = [];
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            await Task.Delay(Random.Shared.Next(400, 1_200));
            // On a busy machine the first write takes longer than that; a stop before it would try nothing.
            for (var waited = Stopwatch.StartNew(); ledger.Count == 0 && waited.Elapsed < TimeSpan.FromMinutes(1);)
            {
                await Task.Delay(50);
            }

            Assert.True(ledger.Count > 0, "Nothing was written before the first stop.");
            await services.StopAsync("postgres", mode);
            await AssertDownAsync(direct, askStore: cycle == 0 && mode == "fast");
            await services.RestartAsync("postgres");
            await WaitAcceptingAsync(services.Postgres);
            var recovered = await Task.WhenAll(TimeAsync(directIngest), TimeAsync(pooledIngest));
            directTimes.Add(recovered[0]);
            pooledTimes.Add(recovered[1]);
        }

        await directIngest.FinishAsync();
        await pooledIngest.FinishAsync();
        Assert.Equal(HttpStatusCode.OK, await direct.GetStatusAsync("/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await pooled.GetStatusAsync("/health/ready"));
        await using var connection = await OpenAsync(services.Postgres);
        await ledger.AssertKeptAsync(connection);
        Trial.Report(
            $"PostgreSQL {mode} stop during ingest, direct and behind PgBouncer",
            $"{cycles} cycles, {ledger}; serving again {Times(directTimes)} directly, {Times(pooledTimes)} behind PgBouncer");
        // A loaded machine may be slower than the aim; the full trial runs on a quiet one.
        var slack = Trial.IsFull ? 1 : 3;
        Assert.InRange(directTimes.Max(), TimeSpan.Zero, DirectLimit * slack);
        Assert.InRange(pooledTimes.Max(), TimeSpan.Zero, PooledLimit * slack);
    }

    internal static string Times(List<TimeSpan> times)
    {
        times.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"after {times[times.Count / 2].TotalSeconds:F1} s (median), {times[^1].TotalSeconds:F1} s at most");
    }

    internal static async Task<TimeSpan> TimeAsync(Ingest ingest)
    {
        var watch = Stopwatch.StartNew();
        await ingest.ProbeAsync();
        return watch.Elapsed;
    }

    internal static async Task<NpgsqlConnection> OpenAsync(string address)
    {
        var uri = new Uri(address);
        var user = uri.UserInfo.Split(':', 2);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Username = user[0],
            Password = user[1],
            Database = uri.AbsolutePath.Trim('/'),
            Pooling = false,
            GssEncryptionMode = GssEncryptionMode.Disable,
            SslMode = SslMode.Disable,
        }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    internal static async Task WaitAcceptingAsync(string address)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = await OpenAsync(address);
                return;
            }
            catch (NpgsqlException) when (watch.Elapsed < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(10);
            }
        }
    }

    // Liveness stays green, readiness goes red, and a write is answered with 503 and when to come again.
    private static async Task AssertDownAsync(SupabaseHost host, bool askStore)
    {
        Assert.Equal(HttpStatusCode.OK, await host.GetStatusAsync("/health"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await host.GetStatusAsync("/health/ready"));
        if (askStore)
        {
            using var body = new StringContent("""{"order_id":"down","problem_type":"p"}""", Encoding.UTF8, "application/json");
            using var reply = await host.Client.PostAsync(new Uri("/incidents", UriKind.Relative), body);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);
            Assert.NotNull(reply.Headers.RetryAfter);
            Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.MediaType);
        }
    }
}
