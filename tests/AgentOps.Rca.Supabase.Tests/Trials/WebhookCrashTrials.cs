using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>
/// The host is killed (kill -9) between storing a run that failed and being done with its incident. After the next start there is one
/// incident with its spans, one analysis or more, and a webhook that arrived.
/// </summary>
public sealed class WebhookCrashTrials
{
    private static readonly (string Step, string Statement, bool IsBefore)[] Steps =
    [
        ("before the incident is stored", "insert into public.incidents", true),
        ("after the incident is stored", "insert into public.incidents", false),
        ("after its spans are linked", "update public.spans", false),
        ("before the analysis is recorded", "rca.analyze/", true),
        ("after the analysis is recorded", "rca.analyze/", false),
        ("before the delivery is recorded", "rca.notify", true),
        ("after the delivery is recorded", "rca.notify", false),
    ];

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact(Timeout = 900_000)]
    public async Task On_PostgreSQL_the_host_is_killed_at_each_step_and_each_incident_is_told()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var proxy = new StatementProxy(database.Direct);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await HostProcess.StartAsync([.. Settings(receiver), ("SUPABASE_DB_URL", proxy.Address)]);
        var crashes = 0;
        for (var round = 0; round < Trial.Size(1, 4); round++)
        {
            foreach (var (step, statement, isBefore) in Steps)
            {
                Task KillAsync()
                {
                    host.Kill();
                    return host.WaitForExitAsync();
                }

                var run = await StoreRunAsync(host);
                var killed = isBefore
                    ? proxy.Arm(statement, before: KillAsync)
                    : proxy.Arm(statement, after: async _ =>
                    {
                        await KillAsync();
                        return 0;
                    });
                await killed.WaitAsync(TimeSpan.FromMinutes(1), TestToken);
                Assert.True(host.HasExited, $"The host was not killed {step}.");
                crashes++;
                await host.StartAgainAsync();
                await AssertToldAsync(host, receiver, run, step);
            }
        }

        Report("PostgreSQL", crashes, receiver);
    }

    [Fact(Timeout = 900_000)]
    public async Task On_SQLite_the_host_is_killed_while_the_receiver_refuses_or_hangs_and_each_incident_is_told()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await HostProcess.StartAsync(Settings(receiver));
        var crashes = Trial.Size(4, 20);
        for (var crash = 0; crash < crashes; crash++)
        {
            var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var isDead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var mode = crash % 4;
            receiver.Answer = async _ =>
            {
                asked.TrySetResult();
                if (mode == 1)
                {
                    await isDead.Task;
                }

                // 2: it is taken, and the host may die before it knows.
                return mode == 2 ? 204 : 503;
            };
            var run = await StoreRunAsync(host);
            if (mode == 3)
            {
                // At any moment from the storing of the run on.
                await Task.Delay(Random.Shared.Next(0, 600), TestToken);
            }
            else
            {
                await asked.Task.WaitAsync(TimeSpan.FromMinutes(1), TestToken);
            }

            host.Kill();
            await host.WaitForExitAsync();
            isDead.SetResult();
            receiver.Answer = static _ => Task.FromResult(204);
            await host.StartAgainAsync();
            await AssertToldAsync(host, receiver, run, string.Create(CultureInfo.InvariantCulture, $"crash {crash}"));
        }

        Report("SQLite", crashes, receiver);
    }

    private static void Report(string backend, int crashes, WebhookReceiver receiver)
    {
        Assert.Equal(0, receiver.Forged);
        Assert.Equal(crashes, receiver.Taken.Count);
        Trial.Report(
            $"Host killed between a failed run and its webhook, {backend}",
            $"{crashes} crashes, {receiver.Taken.Count} incidents told, 0 lost, {receiver.Taken.Values.Count(count => count > 1)} told twice");
    }

    private static (string, string)[] Settings(WebhookReceiver receiver) =>
    [
        ("AgentOpsRca__DetectIncidents__Enabled", "true"),
        ("AgentOpsRca__DetectIncidents__SettleSeconds", "0.1"),
        ("AgentOpsRca__DetectIncidents__RetryIntervalSeconds", "1"),
        ("AgentOpsRca__DetectIncidents__WebhookUrl", receiver.Address),
        ("AgentOpsRca__DetectIncidents__WebhookSecret", WebhookReceiver.Secret),
    ];

    private static async Task<string> StoreRunAsync(HostProcess host)
    {
        var trace = Guid.NewGuid().ToString("N");
        var now = EpochUnit.FromInstant(TimeProvider.System.GetUtcNow());
        var body = $$"""
            [{"span_id":"{{trace}}:1","tool":"agent.run/a","start_ts":{{now - 2_000_000_000}},"end_ts":{{now}},"error":"it failed"},
             {"span_id":"{{trace}}:2","parent_id":"{{trace}}:1","tool":"tool.call/c","start_ts":{{now - 1_000_000_000}},"end_ts":{{now - 1}},"error":"it failed"}]
            """;
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var reply = await host.Client.PostAsync(new Uri("/traces/spans", UriKind.Relative), content, TestToken);
        Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync(TestToken));
        return trace;
    }

    private static async Task AssertToldAsync(HostProcess host, WebhookReceiver receiver, string trace, string step)
    {
        var waited = Stopwatch.StartNew();
        JsonElement[] records = [];
        JsonElement incident = default;
        while (records.Length == 0)
        {
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(1), $"{step}: nobody was told.\n{host.Output}");
            await Task.Delay(50, TestToken);
            var incidents = await GetAsync(host, $"/incidents?order_id={trace}");
            if (incidents.Length == 1)
            {
                incident = incidents[0];
                records = await GetAsync(host, $"/traces/spans?incident_id={incident.GetProperty("id").GetGuid()}&tool=rca.notify");
            }

            Assert.True(incidents.Length <= 1, $"{step}: {incidents.Length} incidents.");
        }

        var id = incident.GetProperty("id").GetGuid();
        Assert.Equal("delivered", Assert.Single(records).GetProperty("attributes").GetProperty("webhook").GetString());
        Assert.True(receiver.Taken.ContainsKey(id), $"{step}: the record says delivered, and nothing arrived.");
        Assert.NotEmpty(await GetAsync(host, $"/incidents/{id}/reports"));
        var linked = await GetAsync(host, $"/traces/spans?incident_id={id}");
        Assert.Equal(2, linked.Count(span => span.GetProperty("span_id").GetString()!.StartsWith(trace, StringComparison.Ordinal)));
    }

    private static async Task<JsonElement[]> GetAsync(HostProcess host, string path) =>
        [.. (await host.Client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), TestToken)).EnumerateArray()];
}
