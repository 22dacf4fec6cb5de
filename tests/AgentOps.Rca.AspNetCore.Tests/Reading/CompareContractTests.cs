using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Reading;

public sealed class InMemoryCompareContractTests(InMemoryStoreBackend backend) : CompareContractTests<InMemoryStoreBackend>(backend);

public abstract class CompareContractTests<TBackend>(TBackend backend) : ReadingContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    [Fact]
    public async Task The_first_divergence_comes_first_and_steps_stand_beside_each_other()
    {
        var bad = await SendRefusedOrderAsync();
        await SendGoodOrderAsync("g", 1767225000000);

        var comparison = await CompareAsync(bad.ToString(), "g-run");

        var steps = comparison.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(
            [("r-run", "g-run"), ("r-llm1", "g-llm1"), ("r-ship1", "g-ship1"), ("r-ship2", null), ("r-llm2", "g-llm2")],
            steps.Select(step => (Id(step, "left"), Id(step, "right"))));
        var first = comparison.GetProperty("first_divergence");
        Assert.Equal((2, "outputs", "r-ship1", "g-ship1"), (first.GetProperty("row").GetInt32(), Text(first, "what"), Text(first, "left_id"), Text(first, "right_id")));
        Assert.Equal("tool.call/create_shipment was given the same and gave back something else at /error.", Text(first, "text"));
        Assert.Equal((true, false, false), (Flag(steps[2], "same_inputs"), Flag(steps[2], "same_outputs"), Flag(steps[2], "same_status")));
        Assert.Equal("/error", Text(steps[2].GetProperty("outputs"), "pointer"));
        Assert.Equal((JsonValueKind.Null, "failed"), (steps[3].GetProperty("right").ValueKind, Text(steps[3].GetProperty("left"), "status")));
        Assert.Equal((2, 0), (comparison.GetProperty("different").GetInt32(), comparison.GetProperty("only_right").GetInt32()));
        var (left, right) = (comparison.GetProperty("left"), comparison.GetProperty("right"));
        Assert.Equal((270, 27, 100_000.0, 2), (left.GetProperty("input_tokens").GetInt32(), left.GetProperty("output_tokens").GetInt32(), left.GetProperty("duration_ms").GetDouble(), left.GetProperty("failed").GetInt32()));
        Assert.Equal((JsonValueKind.Null, "g-run", 20_000.0), (right.GetProperty("incident_id").ValueKind, Text(right, "root_span_id"), right.GetProperty("duration_ms").GetDouble()));
        Assert.Equal("Shipped with track 7.", Text(right.GetProperty("answer"), "text"));
    }

    [Fact]
    public async Task A_run_is_the_same_as_itself_and_as_one_that_did_the_same()
    {
        await SendGoodOrderAsync("a", 1767225000000);
        await SendGoodOrderAsync("b", 1767225100000);
        var recorded = await SendRecordedAsync("mcp-is-error-ignored", "6c8517c7f1bf371472c7a58fc2b04a88");

        foreach (var (one, other) in new[] { ("a-run", "b-run"), ("a-llm1", "a-ship1"), (recorded.ToString(), recorded.ToString()) })
        {
            var comparison = await CompareAsync(one, other);

            Assert.Equal((JsonValueKind.Null, 0, 0, 0), (comparison.GetProperty("first_divergence").ValueKind, comparison.GetProperty("different").GetInt32(), comparison.GetProperty("only_left").GetInt32(), comparison.GetProperty("only_right").GetInt32()));
            Assert.NotEqual(0, comparison.GetProperty("same").GetInt32());
        }
    }

    [Fact]
    public async Task A_run_whose_calls_began_together_is_the_same_as_itself_under_other_ids()
    {
        // The ids of the second run stand in the opposite order.
        await SendAsync(number => $"one-{number}");
        await SendAsync(number => $"two-{9 - number}");

        var comparison = await CompareAsync("one-0", "two-9");

        Assert.Equal((JsonValueKind.Null, 6, 0), (comparison.GetProperty("first_divergence").ValueKind, comparison.GetProperty("same").GetInt32(), comparison.GetProperty("different").GetInt32()));

        Task SendAsync(Func<int, string> id) => SendSpansAsync($$$"""
            [{"span_id":"{{{id(0)}}}","tool":"agent.run/a","start_ts":1767225000000,"end_ts":1767225009000},
             {"span_id":"{{{id(1)}}}","parent_id":"{{{id(0)}}}","tool":"llm.call/m","start_ts":1767225000000,"end_ts":1767225001000},
             {"span_id":"{{{id(2)}}}","parent_id":"{{{id(0)}}}","tool":"tool.call/read","start_ts":1767225002000,"end_ts":1767225003000,"attributes":{"gen_ai.tool.call.arguments":"{\"path\":\"a\"}"}},
             {"span_id":"{{{id(3)}}}","parent_id":"{{{id(0)}}}","tool":"tool.call/read","start_ts":1767225002000,"end_ts":1767225003000,"attributes":{"gen_ai.tool.call.arguments":"{\"path\":\"b\"}"}},
             {"span_id":"{{{id(4)}}}","parent_id":"{{{id(0)}}}","tool":"tool.call/read","start_ts":1767225002000,"end_ts":1767225003000,"attributes":{"gen_ai.tool.call.arguments":"{\"path\":\"c\"}"}},
             {"span_id":"{{{id(5)}}}","parent_id":"{{{id(0)}}}","tool":"tool.call/find","start_ts":1767225002000,"end_ts":1767225003000,"attributes":{"gen_ai.tool.call.arguments":"{\"path\":\"c\"}"}}]
            """);
    }

    [Fact]
    public async Task Good_runs_of_the_same_agent_are_offered_the_nearest_first()
    {
        var bad = await SendRefusedOrderAsync();
        await SendGoodOrderAsync("old", 1767200000000);
        await SendGoodOrderAsync("near", 1767225500000);
        await SendGoodOrderAsync("after", 1767225900000);
        await SendGoodOrderAsync("failed", 1767225560000, """{"status":"error"}""");
        await SendSpansAsync("""[{"span_id":"other-run","tool":"agent.run/other","start_ts":1767225550000,"end_ts":1767225551000}]""");

        var runs = (await GetJsonAsync($"/incidents/{bad}/good-runs")).EnumerateArray().ToList();

        Assert.Equal(["near-run", "after-run", "old-run"], runs.Select(run => Text(run, "span_id")));
        Assert.Equal(("agent.run/orders", 20_000.0, 4, 100.0), (Text(runs[0], "tool"), runs[0].GetProperty("duration_ms").GetDouble(), runs[0].GetProperty("span_count").GetInt32(), runs[0].GetProperty("distance_seconds").GetDouble()));
        Assert.Equal(-300.0, runs[1].GetProperty("distance_seconds").GetDouble());
        Assert.Empty((await GetJsonAsync($"/incidents/{await CreateIncidentAsync()}/good-runs")).EnumerateArray());
        using var missing = await Client.GetAsync($"/incidents/{Guid.NewGuid()}/good-runs");
        await ReadProblemAsync(missing, 404, "not-found", "id");
    }

    [Theory]
    [InlineData("""{"left":"x"}""", 422, "invalid", "/right")]
    [InlineData("""{"left":1,"right":"x"}""", 422, "invalid", "/left")]
    [InlineData("""{"left":"nothing","right":"nothing"}""", 404, "not-found", "/left")]
    [InlineData("""{"left":"lone","right":"lone"}""", 404, "not-found", "/left")]
    [InlineData("""{"left":"g-run","right":"0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111"}""", 404, "not-found", "/right")]
    public async Task What_is_missing_or_wrong_is_named(string body, int status, string slug, string place)
    {
        await SendGoodOrderAsync("g", 1767225000000);
        await SendSpansAsync("""[{"span_id":"lone","tool":"GET /","start_ts":1767225550000,"end_ts":1767225551000}]""");

        using var response = await PostJsonAsync("/rca/compare", body);

        await ReadProblemAsync(response, status, slug, place);
    }

    private async Task<JsonElement> CompareAsync(string left, string right)
    {
        using var response = await PostJsonAsync("/rca/compare", JsonSerializer.Serialize(new Dictionary<string, string> { ["left"] = left, ["right"] = right }));
        return await ReadAsync(response, 200);
    }

    // The same agent with the same order, and a carrier that takes it; it belongs to no incident.
    private async Task SendGoodOrderAsync(string prefix, long start, string attributes = "{}")
    {
        var arguments = await StoreAsync("""{"order":"A-1","weight":2.5}""");
        var result = await StoreAsync("""{"track":7}""");
        var prompt = await StoreAsync("""{"messages":[{"role":"system","content":"You ship orders."},{"role":"user","content":"Ship A-1 to ana@example.org, please."}],"tools":[]}""");
        var reply = await StoreAsync($$"""{"choices":[{"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_{{prefix}}","type":"function","function":{"name":"create_shipment","arguments":"{\"order\":\"A-1\",\"weight\":2.5}"} }]} }]}""");
        var last = await StoreAsync("""{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"Shipped with track 7."}}]}""");
        await SendSpansAsync($$"""
            [{"span_id":"{{prefix}}-run","tool":"agent.run/orders","start_ts":{{start}},"end_ts":{{start + 20_000}} },
             {"span_id":"{{prefix}}-llm1","parent_id":"{{prefix}}-run","tool":"llm.call/gpt-5","start_ts":{{start + 1_000}},"end_ts":{{start + 2_000}},"args_digest":"{{prompt}}","result_digest":"{{reply}}"},
             {"span_id":"{{prefix}}-ship1","parent_id":"{{prefix}}-run","tool":"tool.call/create_shipment","start_ts":{{start + 4_000}},"end_ts":{{start + 5_000}},"args_digest":"{{arguments}}","result_digest":"{{result}}","attributes":{{attributes}} },
             {"span_id":"{{prefix}}-llm2","parent_id":"{{prefix}}-run","tool":"llm.call/gpt-5","start_ts":{{start + 6_000}},"end_ts":{{start + 19_000}},"result_digest":"{{last}}"}]
            """);
    }

    private static string? Id(JsonElement step, string side) => step.GetProperty(side) is { ValueKind: JsonValueKind.Object } found ? Text(found, "id") : null;

    private static string? Text(JsonElement value, string name) => value.GetProperty(name).GetString();

    private static bool Flag(JsonElement value, string name) => value.GetProperty(name).GetBoolean();
}
