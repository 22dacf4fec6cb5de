using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Reading;

public sealed class InMemorySearchContractTests(InMemoryStoreBackend backend) : SearchContractTests<InMemoryStoreBackend>(backend);

public abstract class SearchContractTests<TBackend>(TBackend backend) : ReadingContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    private const long Start = 1767225600000;

    [Theory]
    [InlineData("create_shipment", "ship-1,ship-2")]
    [InlineData("CREATE", "ship-1,ship-2")]
    [InlineData("ship-2", "ship-2")]
    [InlineData("orders", "run,ship-1,http,ship-2")]
    [InlineData("carrier-api", "http")]
    [InlineData("orders get", "http")]
    [InlineData("post orders", "")]
    [InlineData("otel.log", "")]
    [InlineData("%", "")]
    public async Task Calls_are_found_by_words_of_their_names_agents_services_and_ids(string words, string found)
    {
        var incident = await SendAsync();

        var answer = await GetJsonAsync($"/incidents/{incident}/search?q={Uri.EscapeDataString(words)}");

        Assert.Equal(found, string.Join(',', answer.GetProperty("found").EnumerateArray().Select(hit => hit.GetProperty("span_id").GetString())));
        Assert.Equal(found.Length == 0 ? 0 : found.Split(',').Length, answer.GetProperty("count").GetInt32());
        var rows = (await GetJsonAsync($"/incidents/{incident}/timeline")).GetProperty("rows");
        Assert.All(answer.GetProperty("found").EnumerateArray(), hit => Assert.Equal(
            hit.GetProperty("span_id").GetString(), rows[hit.GetProperty("row").GetInt32()].GetProperty("span_id").GetString()));
    }

    [Fact]
    public async Task What_fits_comes_in_pieces_and_is_counted_whole()
    {
        var incident = await SendAsync();

        var answer = await GetJsonAsync($"/incidents/{incident}/search?q=orders&skip=1&limit=2");

        Assert.Equal((4, 1), (answer.GetProperty("count").GetInt32(), answer.GetProperty("skip").GetInt32()));
        Assert.Equal(["ship-1", "http"], answer.GetProperty("found").EnumerateArray().Select(hit => hit.GetProperty("span_id").GetString()));
        Assert.True(answer.GetProperty("found")[0].GetProperty("failed").GetBoolean());
        foreach (var (query, place) in new[] { ("", "q"), ("q=%20", "q"), ("q=a&limit=0", "limit"), ("q=a&limit=1001", "limit"), ("q=a&skip=-1", "skip") })
        {
            using var wrong = await Client.GetAsync($"/incidents/{incident}/search?{query}");
            await ReadProblemAsync(wrong, 400, "invalid-parameter", place);
        }

        using var missing = await Client.GetAsync($"/incidents/{Guid.NewGuid()}/search?q=a");
        await ReadProblemAsync(missing, 404, "not-found", "id");
    }

    [Fact]
    public async Task The_rows_around_a_call_are_given_wherever_it_is()
    {
        var incident = await CreateIncidentAsync();
        await SendSpansAsync($"[{string.Join(',', Enumerable.Range(0, 500).Select(i =>
            $$"""{"span_id":"s{{i}}","tool":"tool.call/t","start_ts":{{Start + (i * 10)}},"end_ts":{{Start + (i * 10) + 5}},"incident_id":"{{incident}}","status":"{{(i is 100 or 300 ? "error" : "ok")}}"}"""))}]");

        var answer = await GetJsonAsync($"/incidents/{incident}/timeline?at=s321&rows=20&px=10");

        Assert.Equal((311, 321), (answer.GetProperty("row").GetInt32(), answer.GetProperty("at_row").GetInt32()));
        Assert.Equal(Enumerable.Range(311, 20).Select(i => $"s{i}"), answer.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("span_id").GetString()));
        var piece = await GetJsonAsync($"/incidents/{incident}/timeline?at=s321&from=2026-01-01T00:00:02Z&to=2026-01-01T00:00:03Z&rows=4");
        Assert.Equal((JsonValueKind.Null, 1), (piece.GetProperty("at_row").ValueKind, piece.GetProperty("failures").GetProperty("before").GetInt32()));
        using var both = await Client.GetAsync($"/incidents/{incident}/timeline?at=s1&row=2");
        await ReadProblemAsync(both, 400, "invalid-parameter", "at");
        using var missing = await Client.GetAsync($"/incidents/{incident}/timeline?at=gone");
        await ReadProblemAsync(missing, 404, "not-found", "at");
    }

    [Fact]
    public async Task A_call_that_is_no_step_is_told_whole()
    {
        var incident = await SendAsync();

        var inside = await GetJsonAsync($"/incidents/{incident}/span?id=http");
        Assert.Equal(("GET /shipments", "orders", "carrier-api", "ship-1", "ship-1"), (Text(inside, "tool"), Text(inside, "agent"), Text(inside, "service"), Text(inside, "step_id"), Text(inside, "parent_id")));
        Assert.Equal(("timeout", 504), (Text(inside.GetProperty("failure"), "type"), inside.GetProperty("failure").GetProperty("http_status").GetInt32()));
        Assert.Equal("No answer for [EMAIL_1].", Text(inside.GetProperty("failure"), "message"));
        Assert.Equal((20.0, 0.0), (inside.GetProperty("duration_ms").GetDouble(), inside.GetProperty("moved_ms").GetDouble()));
        Assert.Equal("""{"asked":"[EMAIL_1]"}""", Text(inside.GetProperty("arguments"), "text"));
        Assert.Equal(JsonValueKind.Null, inside.GetProperty("result").ValueKind);

        var outside = await GetJsonAsync($"/incidents/{incident}/span?id=alone");
        Assert.Equal((null, null, JsonValueKind.Null), (Text(outside, "step_id"), Text(outside, "to"), outside.GetProperty("duration_ms").ValueKind));
        using var missing = await Client.GetAsync($"/incidents/{incident}/span?id=gone");
        await ReadProblemAsync(missing, 404, "not-found", "id");
        using var none = await Client.GetAsync($"/incidents/{incident}/span");
        await ReadProblemAsync(none, 400, "invalid-parameter", "id");
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_shown_as_far_as_they_are()
    {
        var incident = await CreateIncidentAsync();
        using var stored = await PostJsonAsync("/artifacts", $$"""{"content":"{{Convert.ToBase64String([.. "order "u8, 0xFF, .. " is late"u8])}}","mime":"text/plain"}""");
        var digest = JsonElement.Parse(await stored.Content.ReadAsStringAsync()).GetProperty("digest").GetString();
        await SendSpansAsync($$"""[{"span_id":"s1","tool":"tool.call/a","start_ts":{{Start}},"end_ts":{{Start + 1}},"incident_id":"{{incident}}","result_digest":"{{digest}}"}]""");

        var step = (await GetJsonAsync($"/incidents/{incident}/steps")).GetProperty("steps")[0].GetProperty("result");
        var span = (await GetJsonAsync($"/incidents/{incident}/span?id=s1")).GetProperty("result");

        Assert.All([step, span], shown => Assert.Equal(("order \uFFFD is late", false, digest), (Text(shown, "text"), shown.GetProperty("cut").GetBoolean(), Text(shown, "digest"))));
    }

    private async Task<Guid> SendAsync()
    {
        var incident = await CreateIncidentAsync();
        var arguments = await StoreAsync("""{"asked":"ana@example.org"}""");
        await SendSpansAsync($$"""
            [{"span_id":"run","tool":"agent.run/orders","start_ts":{{Start}},"end_ts":{{Start + 10_000}},"incident_id":"{{incident}}","attributes":{"service":"order-agent"} },
             {"span_id":"ship-1","parent_id":"run","tool":"tool.call/create_shipment","start_ts":{{Start + 1000}},"end_ts":{{Start + 2000}},"incident_id":"{{incident}}","attributes":{"status":"error"} },
             {"span_id":"http","parent_id":"ship-1","tool":"GET /shipments","start_ts":{{Start + 1100}},"end_ts":{{Start + 1120}},"incident_id":"{{incident}}","args_digest":"{{arguments}}","attributes":{"service":"carrier-api","error.type":"timeout","http.response.status_code":504,"error.message":"No answer for ana@example.org."} },
             {"span_id":"log","parent_id":"http","tool":"otel.log","start_ts":{{Start + 1110}},"end_ts":{{Start + 1110}},"incident_id":"{{incident}}","attributes":{} },
             {"span_id":"ship-2","parent_id":"run","tool":"tool.call/create_shipment","start_ts":{{Start + 3000}},"end_ts":{{Start + 4000}},"incident_id":"{{incident}}","attributes":{} },
             {"span_id":"alone","tool":"POST /hook","start_ts":{{Start + 5000}},"end_ts":0,"incident_id":"{{incident}}","attributes":{} }]
            """);
        return incident;
    }

    private static string? Text(JsonElement value, string name) => value.GetProperty(name).GetString();
}
