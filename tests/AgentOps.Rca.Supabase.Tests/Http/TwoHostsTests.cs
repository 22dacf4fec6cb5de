using System.Net;
using System.Text.Json;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Http;

/// <summary>Two hosts on one database: whatever decides, decides in the database.</summary>
public sealed class TwoHostsTests
{
    private const string Spans = """
        [{"span_id":"a","tool":"tool.call/carrier.book","start_ts":1773333487301,"end_ts":1773333487642,"incident_id":"ID","attributes":{"error.type":"rate_limited","http.response.status_code":429}},
         {"span_id":"b","parent_id":"a","tool":"tool.call/carrier.book","start_ts":1773333487701,"end_ts":1773333487942,"incident_id":"ID","attributes":{"status":"ok"}}]
        """;

    [Fact]
    public async Task Two_hosts_that_start_at_once_on_an_empty_database_both_serve()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SupabaseHost.StartAsync(("SUPABASE_DB_URL", database.Direct))));
        foreach (var host in hosts)
        {
            Assert.Equal(HttpStatusCode.OK, await host.GetStatusAsync("/health/ready"));
            await host.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_64_approvals_and_rejections_by_different_people_one_decision_is_made_and_recorded_once(bool overDataApi)
    {
        await using var pair = await Pair.StartAsync(overDataApi);
        var id = await pair.OpenIncidentAsync();
        await pair[0].PostAsync("/rca/analyze", $$"""{"incident_id":"{{id}}"}""");
        var decisions = await RaceAsync(64, racer => racer % 4 < 2
            ? pair[racer].PostAsync($"/incidents/{id}/approve", $$"""{"approved_by":"person-{{racer}}"}""")
            : pair[racer].PostAsync($"/incidents/{id}/reject", $$"""{"rejected_by":"person-{{racer}}","reason":"Not proved."}"""));
        var made = Assert.Single(decisions, decision => decision.Status == HttpStatusCode.OK).Body;
        Assert.All(decisions, decision => Assert.Contains((int)decision.Status, (int[])[200, 409]));
        Assert.Equal(1L, await pair.Database.ReadAsync<long>("select count(*) from spans where tool = 'human.approval'"));
        Assert.Equal(
            made.GetProperty("span_id").GetString(), await pair.Database.ReadAsync<string>("select span_id from spans where tool = 'human.approval'"));
        Assert.Equal(
            made.GetProperty("status").GetString(), await pair.Database.ReadAsync<string>($"select status from incidents where id = '{id}'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Spans_and_artifacts_and_incidents_that_both_get_are_stored_once(bool overDataApi)
    {
        await using var pair = await Pair.StartAsync(overDataApi);
        var batch = $"[{string.Join(',', Enumerable.Range(0, 300).Select(number => $$"""{"span_id":"d{{number}}","tool":"t","start_ts":1,"end_ts":2}"""))}]";
        var ingests = await RaceAsync(12, racer => pair[racer].PostAsync("/traces/spans", batch));
        Assert.All(ingests, ingest => Assert.Equal(HttpStatusCode.OK, ingest.Status));
        Assert.Equal(300, ingests.Sum(ingest => ingest.Body.GetProperty("accepted").GetInt32()));
        Assert.Equal(300 * 11, ingests.Sum(ingest => ingest.Body.GetProperty("duplicates").GetInt32()));

        var uploads = await RaceAsync(12, racer => pair[racer].PostAsync("/artifacts", """{"content":"AAECAw==","mime":"application/octet-stream"}"""));
        Assert.Single(uploads, upload => upload.Status == HttpStatusCode.Created);
        Assert.All(uploads, upload => Assert.Contains((int)upload.Status, (int[])[200, 201]));

        const string Incident = """{"id":"6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a77","order_id":"o","problem_type":"p"}""";
        var incidents = await RaceAsync(12, racer => pair[racer].PostAsync("/incidents", Incident));
        Assert.All(incidents, incident => Assert.True((int)incident.Status is 200 or 201, incident.ToString()));
        Assert.Equal(1L, await pair.Database.ReadAsync<long>("select count(*) from incidents"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Analyses_of_one_incident_by_both_all_find_the_same_and_are_all_listed(bool overDataApi)
    {
        await using var pair = await Pair.StartAsync(overDataApi);
        var id = await pair.OpenIncidentAsync();
        var analyses = await RaceAsync(8, racer => pair[racer].PostAsync("/rca/analyze", $$"""{"incident_id":"{{id}}"}"""));
        Assert.All(analyses, analysis => Assert.Equal(HttpStatusCode.OK, analysis.Status));
        Assert.Single(analyses.Select(analysis => analysis.Body.GetProperty("root_cause").GetString()).Distinct());

        var lists = await Task.WhenAll(Enumerable.Range(0, 2).Select(
            async host => JsonElement.Parse(await pair[host].Client.GetStringAsync(new Uri($"/incidents/{id}/reports", UriKind.Relative)))));
        Assert.Equal(lists[0].GetRawText(), lists[1].GetRawText());
        Assert.NotEqual(0, lists[0].GetArrayLength());
        var (replayed, replay) = await pair[1].PostAsync("/replay/strict", $$"""{"incident_id":"{{id}}"}""");
        Assert.Equal((HttpStatusCode.OK, "reproduced"), (replayed, replay.GetProperty("verdict").GetString()));
    }

    [Fact]
    public async Task A_host_over_a_database_that_takes_no_writes_reads_and_says_that_it_cannot_write()
    {
        await using var pair = await Pair.StartAsync(overDataApi: false);
        var id = await pair.OpenIncidentAsync();
        await pair[0].PostAsync("/rca/analyze", $$"""{"incident_id":"{{id}}"}""");

        // As a streaming replica is.
        await pair.Database.ExecuteAsync($"alter database {pair.Database.Name} set default_transaction_read_only = on");
        await using var replica = await SupabaseHost.StartAsync(("SUPABASE_DB_URL", pair.Database.Direct));
        foreach (var path in (string[])["/health/ready", "/incidents?view=overview", $"/incidents/{id}", $"/incidents/{id}/reports", $"/incidents/{id}/timeline", $"/incidents/{id}/kpis"])
        {
            Assert.Equal((path, HttpStatusCode.OK), (path, await replica.GetStatusAsync(path)));
        }

        foreach (var (path, body) in ((string, string)[])[("/incidents", """{"order_id":"o","problem_type":"p"}"""), ("/traces/spans", Spans), ("/rca/analyze", $$"""{"incident_id":"{{id}}"}""")])
        {
            var (status, problem) = await replica.PostAsync(path, body);
            Assert.Equal((path, HttpStatusCode.ServiceUnavailable), (path, status));
            Assert.Contains("read-only", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    private static async Task<T[]> RaceAsync<T>(int racers, Func<int, Task<T>> work)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = Enumerable.Range(0, racers).Select(async racer =>
        {
            await start.Task;
            return await work(racer);
        }).ToArray();
        start.SetResult();
        return await Task.WhenAll(runs);
    }

    private sealed class Pair : IAsyncDisposable
    {
        private PostgrestServer? _server;
        private SupabaseHost[] _hosts = [];

        public required TestDatabase Database { get; init; }

        public SupabaseHost this[int racer] => _hosts[racer % _hosts.Length];

        public static async Task<Pair> StartAsync(bool overDataApi)
        {
            var pair = new Pair { Database = await TestDatabase.CreateAsync() };
            (string, string)[] first = [("SUPABASE_DB_URL", pair.Database.Direct)];
            var second = first;
            if (overDataApi)
            {
                pair._server = await PostgrestServer.StartAsync(pair.Database);
                second = [("SUPABASE_URL", pair._server.Url), ("SUPABASE_KEY", "sb_secret_test")];
            }

            // One by PostgreSQL and one by the Data API is a pair too, and the harder one.
            pair._hosts = [await SupabaseHost.StartAsync(first), await SupabaseHost.StartAsync(second)];
            return pair;
        }

        public async Task<string> OpenIncidentAsync()
        {
            var (_, incident) = await this[0].PostAsync("/incidents", """{"order_id":"o","problem_type":"late_delivery"}""");
            var id = incident.GetProperty("id").GetString()!;
            var (stored, _) = await this[1].PostAsync("/traces/spans", Spans.Replace("ID", id, StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.OK, stored);
            return id;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var host in _hosts)
            {
                await host.DisposeAsync();
            }

            if (_server is not null)
            {
                await _server.DisposeAsync();
            }

            await Database.DisposeAsync();
        }
    }
}
