using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Reading;

public sealed class InMemoryTimelineContractTests(InMemoryStoreBackend backend) : TimelineContractTests<InMemoryStoreBackend>(backend);

public abstract class TimelineContractTests<TBackend>(TBackend backend) : ReadingContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    private const long Start = 1767225600000;

    [Fact]
    public async Task A_run_is_drawn_with_its_lane_its_failures_its_gaps_and_its_tree()
    {
        var incident = await SendRefusedOrderAsync();

        var timeline = await GetJsonAsync($"/incidents/{incident}/timeline?px=100");

        Assert.Equal((5, 2, 100_000.0), (Number(timeline, "span_count"), Number(timeline, "failed_count"), timeline.GetProperty("duration_ms").GetDouble()));
        Assert.Equal("2026-01-01T00:00:00Z", Text(timeline, "origin"));
        var lane = Assert.Single(timeline.GetProperty("lanes").EnumerateArray());
        Assert.Equal(("orders", "order-agent", 5, 2), (Text(lane, "agent"), Text(lane, "service"), Number(lane, "spans"), Number(lane, "failed")));
        AssertPixels(lane, 100, x => x switch
        {
            >= 1 and < 3 => (2, 0),
            4 or 54 => (2, 1),
            >= 60 and < 99 => (2, 0),
            _ => (1, 0),
        });
        var failures = timeline.GetProperty("failures");
        Assert.Equal(("r-ship1", "r-ship2"), (Text(failures.GetProperty("first"), "span_id"), Text(failures.GetProperty("last"), "span_id")));
        Assert.Equal(2, failures.GetProperty("in_range").GetArrayLength());
        Assert.Equal(["r-run", "r-llm1", "r-ship1", "r-ship2", "r-llm2"], timeline.GetProperty("rows").EnumerateArray().Select(row => Text(row, "span_id")));
        Assert.Equal([0, 1, 1, 1, 1], timeline.GetProperty("rows").EnumerateArray().Select(row => Number(row, "depth")));
        var gap = timeline.GetProperty("gaps").EnumerateArray().MaxBy(one => one.GetProperty("share").GetDouble());
        Assert.Equal((5_000.0, 54_000.0, 0.49), (gap.GetProperty("from_ms").GetDouble(), gap.GetProperty("to_ms").GetDouble(), gap.GetProperty("share").GetDouble()));
        Assert.Equal(0.57, timeline.GetProperty("idle_share").GetDouble());
        Assert.Equal(JsonValueKind.Null, timeline.GetProperty("clock").ValueKind);
    }

    [Fact]
    public async Task A_piece_knows_the_failures_before_and_after_it()
    {
        var incident = await SendRefusedOrderAsync();

        var timeline = await GetJsonAsync($"/incidents/{incident}/timeline?from=2026-01-01T00:00:10Z&to=2026-01-01T00:00:50Z&px=10");

        Assert.Equal((1, 0), (Number(timeline, "spans_in_range"), Number(timeline, "failed_in_range")));
        Assert.Equal((10_000.0, 50_000.0), (timeline.GetProperty("from_ms").GetDouble(), timeline.GetProperty("to_ms").GetDouble()));
        var failures = timeline.GetProperty("failures");
        Assert.Equal(("r-ship1", "r-ship2"), (Text(failures.GetProperty("previous"), "span_id"), Text(failures.GetProperty("next"), "span_id")));
        Assert.Empty(failures.GetProperty("in_range").EnumerateArray());
        Assert.Equal(1.0, timeline.GetProperty("idle_share").GetDouble());
        AssertPixels(Assert.Single(timeline.GetProperty("lanes").EnumerateArray()), 10, _ => (1, 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task One_failure_of_a_microsecond_among_thousands_of_calls_is_seen_at_every_width(int px)
    {
        var incident = await CreateIncidentAsync();
        var spans = Enumerable.Range(0, 3_000).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"span_id":"s{{i}}","tool":"tool.call/t{{i % 3}}","start_ts":{{(Start + (i * 10)) * 1000}},"end_ts":{{((Start + (i * 10)) * 1000) + (i == 1234 ? 1 : 9000)}},"incident_id":"{{incident}}","attributes":{{(i == 1234 ? """{"status":"error"}""" : "{}")}} }"""));
        await SendSpansAsync($"[{string.Join(',', spans)}]");

        var timeline = await GetJsonAsync($"/incidents/{incident}/timeline?px={px}&rows=0");

        var segment = Assert.Single(timeline.GetProperty("lanes")[0].GetProperty("segments").EnumerateArray(), one => Number(one, "failed") > 0);
        Assert.Equal(("s1234", 1), (Text(segment, "span_id"), Number(segment, "failed")));
        Assert.InRange(Number(segment, "x"), 1234 * px / 3000.0 - 1, (1234 * px / 3000.0) + 1);
        Assert.Equal(1, Number(segment, "w"));
    }

    [Fact]
    public async Task Calls_without_an_end_clocks_that_disagree_and_unknown_parents_are_told()
    {
        var incident = await CreateIncidentAsync();
        await SendSpansAsync($$"""
            [{"span_id":"run","tool":"agent.run/a","start_ts":{{Start}},"end_ts":{{Start + 10_000}},"incident_id":"{{incident}}","attributes":{"service":"a"} },
             {"span_id":"open","parent_id":"run","tool":"tool.call/open","start_ts":{{Start + 1000}},"end_ts":0,"incident_id":"{{incident}}"},
             {"span_id":"remote","parent_id":"run","tool":"GET /x","start_ts":{{Start - 5000}},"end_ts":{{Start - 4000}},"incident_id":"{{incident}}","attributes":{"service":"b"} },
             {"span_id":"orphan","parent_id":"gone","tool":"tool.call/orphan","start_ts":{{Start + 2000}},"end_ts":{{Start + 1900}},"incident_id":"{{incident}}"}]
            """);

        var timeline = await GetJsonAsync($"/incidents/{incident}/timeline");

        Assert.Equal((1, 1, 1), (Number(timeline, "without_end"), Number(timeline, "end_before_start"), Number(timeline, "unknown_parents")));
        Assert.Equal(1, Number(timeline.GetProperty("clock"), "spans"));
        Assert.Equal("2026-01-01T00:00:00Z", Text(timeline, "origin"));
        var rows = timeline.GetProperty("rows").EnumerateArray().ToDictionary(row => Text(row, "span_id")!);
        Assert.Equal((true, JsonValueKind.Null), (rows["open"].GetProperty("no_end").GetBoolean(), rows["open"].GetProperty("duration_ms").ValueKind));
        Assert.Equal(JsonValueKind.Null, rows["orphan"].GetProperty("duration_ms").ValueKind);
        Assert.Equal(9_500.0, rows["remote"].GetProperty("moved_ms").GetDouble());
        Assert.Equal(4_500.0, rows["remote"].GetProperty("start_ms").GetDouble());
        Assert.Equal([("a", "a"), ("a", "b"), (null, null)], timeline.GetProperty("lanes").EnumerateArray().Select(lane => (Text(lane, "agent"), Text(lane, "service"))));
    }

    [Fact]
    public async Task Rows_page_through_the_tree_and_log_records_are_no_calls_of_their_own()
    {
        var incident = await CreateIncidentAsync();
        await SendSpansAsync($$"""
            [{"span_id":"run","tool":"agent.run/a","start_ts":{{Start}},"end_ts":{{Start + 10_000}},"incident_id":"{{incident}}"},
             {"span_id":"b","parent_id":"run","tool":"tool.call/b","start_ts":{{Start + 3000}},"end_ts":{{Start + 4000}},"incident_id":"{{incident}}"},
             {"span_id":"a","parent_id":"run","tool":"tool.call/a","start_ts":{{Start + 1000}},"end_ts":{{Start + 2000}},"incident_id":"{{incident}}"},
             {"span_id":"a1","parent_id":"a","tool":"GET","start_ts":{{Start + 1100}},"end_ts":{{Start + 1900}},"incident_id":"{{incident}}"},
             {"span_id":"log","parent_id":"a1","tool":"otel.log","start_ts":{{Start + 1200}},"end_ts":{{Start + 1200}},"incident_id":"{{incident}}","attributes":{"events":[{"name":"exception","severity":"error","message":"no"}]} }]
            """);

        var rows = (await GetJsonAsync($"/incidents/{incident}/timeline?row=1&rows=2")).GetProperty("rows").EnumerateArray().ToList();

        Assert.Equal(["a", "a1"], rows.Select(row => Text(row, "span_id")));
        Assert.True(rows[1].GetProperty("failed").GetBoolean());
        Assert.Equal(4, Number(await GetJsonAsync($"/incidents/{incident}/timeline"), "span_count"));
    }

    [Theory]
    [InlineData("vercel-slow-model", "c5d08cf31f5c4f180e67f1a9d27a8586")]
    [InlineData("maf-npgsql-timeout", "d8e5aa2fff92a423982ee0f6f7c8b059")]
    public async Task Runs_of_real_frameworks_are_drawn_with_every_call(string name, string trace)
    {
        var incident = await SendRecordedAsync(name, trace);

        var timeline = await GetJsonAsync($"/incidents/{incident}/timeline?rows=1000");
        var spans = (await GetJsonAsync($"/traces/spans?incident_id={incident}&limit=500")).EnumerateArray().Where(span => Text(span, "tool") != "otel.log").Select(span => Text(span, "span_id")).ToHashSet();

        Assert.Equal(spans.Count, Number(timeline, "span_count"));
        Assert.Equal(spans.Order(), timeline.GetProperty("rows").EnumerateArray().Select(row => Text(row, "span_id")).Order());
        Assert.Equal(spans.Count, timeline.GetProperty("lanes").EnumerateArray().Sum(lane => Number(lane, "spans")));
    }

    [Fact]
    public async Task An_incident_without_spans_is_empty_and_wrong_parameters_are_named()
    {
        var incident = await CreateIncidentAsync();

        var empty = await GetJsonAsync($"/incidents/{incident}/timeline");
        Assert.Equal((0, JsonValueKind.Null, 0), (Number(empty, "span_count"), empty.GetProperty("origin").ValueKind, empty.GetProperty("lanes").GetArrayLength()));
        foreach (var (query, place) in new[] { ("px=0", "px"), ("px=4001", "px"), ("rows=1001", "rows"), ("row=-1", "row"), ("from=x", "from"), ("from=2026-01-02&to=2026-01-01", "to") })
        {
            using var wrong = await Client.GetAsync($"/incidents/{incident}/timeline?{query}");
            await ReadProblemAsync(wrong, 400, "invalid-parameter", place);
        }

        using var missing = await Client.GetAsync($"/incidents/{Guid.NewGuid()}/timeline");
        await ReadProblemAsync(missing, 404, "not-found", "id");
    }

    private static void AssertPixels(JsonElement lane, int px, Func<int, (int Spans, int Failed)> expected)
    {
        var pixels = new (int, int)[px];
        foreach (var segment in lane.GetProperty("segments").EnumerateArray())
        {
            for (var x = Number(segment, "x"); x < Number(segment, "x") + Number(segment, "w"); x++)
            {
                Assert.Equal((0, 0), pixels[x]);
                pixels[x] = (Number(segment, "spans"), Number(segment, "failed"));
            }
        }

        Assert.Equal(Enumerable.Range(0, px).Select(expected), pixels);
    }

    private static string? Text(JsonElement value, string name) => value.GetProperty(name).GetString();

    private static int Number(JsonElement value, string name) => value.GetProperty(name).GetInt32();
}
