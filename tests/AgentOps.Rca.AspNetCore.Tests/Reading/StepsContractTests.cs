using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Reading;

public sealed class InMemoryStepsContractTests(InMemoryStoreBackend backend) : StepsContractTests<InMemoryStoreBackend>(backend);

public abstract class StepsContractTests<TBackend>(TBackend backend) : ReadingContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    [Fact]
    public async Task A_run_is_told_step_by_step_with_the_culprit_marked()
    {
        var incident = await SendRefusedOrderAsync();
        await AnalyzeTraceAsync(incident);

        var page = await GetJsonAsync($"/incidents/{incident}/steps");

        var steps = page.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(["r-run", "r-llm1", "r-ship1", "r-ship2", "r-llm2"], steps.Select(step => Text(step, "id")));
        Assert.Equal(["run", "model", "tool", "tool", "model"], steps.Select(step => Text(step, "kind")));
        Assert.Equal([0, 1, 1, 1, 1], steps.Select(step => step.GetProperty("depth").GetInt32()));
        Assert.All(steps.Skip(1), step => Assert.Equal("r-run", Text(step, "parent_id")));
        Assert.All(steps, step => Assert.Equal("orders", Text(step, "agent")));
        Assert.Equal("r-ship1", Text(page, "culprit_id"));
        Assert.Equal([false, false, true, false, false], steps.Select(step => step.GetProperty("culprit").GetBoolean()));
        Assert.NotEmpty(steps[2].GetProperty("evidence").EnumerateArray());
        Assert.Equal("Ship A-1 to [EMAIL_1], please.", Text(page.GetProperty("request"), "text"));
        Assert.Equal("Sorry, the order could not be shipped.", Text(page.GetProperty("answer"), "text"));
        var counts = page.GetProperty("counts");
        Assert.Equal((5, 2, 2, 1, 2), (Number(counts, "total"), Number(counts, "models"), Number(counts, "tools"), Number(counts, "runs"), Number(counts, "failed")));

        var model = steps[1];
        Assert.Equal(("gpt-5", 120, 18, 0.002, "tool_calls"), (Text(model, "model"), Number(model, "input_tokens"), Number(model, "output_tokens"), model.GetProperty("cost_usd").GetDouble(), Text(model, "finish_reason")));
        Assert.Equal(["create_shipment"], model.GetProperty("offered").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal([("system", false), ("user", false), ("assistant", true)], model.GetProperty("messages").EnumerateArray().Select(message => (Text(message, "role")!, message.GetProperty("said").GetBoolean())));

        var tool = steps[2];
        Assert.Equal(("create_shipment", "tool.call/create_shipment", "failed", "r-llm1"), (Text(tool, "name"), Text(tool, "tool"), Text(tool, "status"), Text(tool, "asked_by")));
        Assert.Equal(1_000, tool.GetProperty("duration_ms").GetDouble());
        Assert.True(tool.GetProperty("was_offered").GetBoolean());
        var failure = tool.GetProperty("failure");
        Assert.Equal(("rate_limited", "status", 429, "not_repaired"), (Text(failure, "category"), Text(failure, "said_by"), Number(failure, "http_status"), Text(failure, "outcome")));
        Assert.Equal("""{"order":"A-1","weight":2.5}""", Text(tool.GetProperty("arguments"), "text"));
        Assert.Contains("Account limit", Text(tool.GetProperty("result"), "text"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("maf-unknown-tool", "6f1dd2e417dedd78bbb5d3674c2ac961")]
    [InlineData("vercel-schema-violation", "8c61b3a5463f1f019f52eaaa7127e150")]
    [InlineData("mcp-is-error-ignored", "6c8517c7f1bf371472c7a58fc2b04a88")]
    [InlineData("langgraph-empty-search-invented", "ad989b1c27e360d79dd91c2f9686e259")]
    [InlineData("oi-openai-stale-cache", "453e6ea84d2e51ac9c4331284e0af53e")]
    [InlineData("traceloop-error-in-body", "c8fcc118672b83f55d6e1de57383d493")]
    [InlineData("mastra-hallucinated-id", "e6c66f2fe5d382247871c0f3f91b7fdb")]
    public async Task Runs_of_real_frameworks_page_to_their_end_and_every_step_can_be_opened(string name, string trace)
    {
        var incident = await SendRecordedAsync(name, trace);
        await AnalyzeTraceAsync(incident);
        var whole = await GetJsonAsync($"/incidents/{incident}/steps?limit=500");
        var expected = whole.GetProperty("steps").EnumerateArray().Select(step => Text(step, "id")!).ToList();

        var paged = await PageAsync($"/incidents/{incident}/steps?limit=2");

        Assert.NotEmpty(expected);
        Assert.Equal(expected, paged.Select(step => Text(step, "id")));
        Assert.Equal(expected.Count, expected.Distinct().Count());
        Assert.Contains(paged, step => Text(step, "kind") == "model" && step.GetProperty("messages").GetArrayLength() > 0);
        if (Text(whole, "culprit_id") is { } culprit)
        {
            Assert.Equal(culprit, Text(Assert.Single(paged, step => step.GetProperty("culprit").GetBoolean()), "id"));
        }

        foreach (var step in paged)
        {
            var detail = await GetJsonAsync($"/incidents/{incident}/step?id={Uri.EscapeDataString(Text(step, "id")!)}");
            Assert.Equal(Text(step, "id"), Text(detail.GetProperty("step"), "id"));
            Assert.Equal(step.GetProperty("recorded").GetBoolean() ? JsonValueKind.Object : JsonValueKind.Null, detail.GetProperty("attributes").ValueKind);
            if (step.GetProperty("offered").ValueKind == JsonValueKind.Array)
            {
                Assert.Equal(step.GetProperty("offered").GetArrayLength(), detail.GetProperty("definitions").GetArrayLength());
            }
        }
    }

    [Fact]
    public async Task A_call_that_no_span_records_is_a_step_of_its_own()
    {
        var incident = await SendRecordedAsync("maf-unknown-tool", "6f1dd2e417dedd78bbb5d3674c2ac961");

        var steps = await PageAsync($"/incidents/{incident}/steps");

        var unrecorded = steps.FindAll(step => !step.GetProperty("recorded").GetBoolean());
        Assert.Equal(2, unrecorded.Count);
        Assert.All(unrecorded, step => Assert.Equal(JsonValueKind.False, step.GetProperty("was_offered").ValueKind));
        var asked = unrecorded[0];
        Assert.Equal(("tool", JsonValueKind.Null, JsonValueKind.Null), (Text(asked, "kind"), asked.GetProperty("from").ValueKind, asked.GetProperty("duration_ms").ValueKind));
        Assert.Equal(Text(asked, "asked_by"), Text(asked, "span_id"));
        Assert.Equal(Text(asked, "asked_by") + "#1", Text(asked, "id"));
    }

    [Fact]
    public async Task A_page_can_begin_at_any_span_that_is_part_of_a_step()
    {
        var incident = await SendRefusedOrderAsync();
        await SendSpansAsync($$"""[{"span_id":"http","parent_id":"r-ship2","tool":"HTTP POST","start_ts":1767225654100,"end_ts":1767225654900,"incident_id":"{{incident}}"}]""");

        Assert.Equal("r-ship2", Text((await GetJsonAsync($"/incidents/{incident}/steps?at=http")).GetProperty("steps")[0], "id"));
        Assert.Equal("r-ship2", Text((await GetJsonAsync($"/incidents/{incident}/step?id=http")).GetProperty("step"), "id"));
        using var unknown = await Client.GetAsync($"/incidents/{incident}/steps?at=nothing");
        await ReadProblemAsync(unknown, 404, "not-found", "at");
        using var step = await Client.GetAsync($"/incidents/{incident}/step?id=nothing");
        await ReadProblemAsync(step, 404, "not-found", "id");
        using var call = await Client.GetAsync($"/incidents/{incident}/step?id=r-llm1%239");
        await ReadProblemAsync(call, 404, "not-found", "id");
    }

    [Fact]
    public async Task Spans_and_content_that_come_later_are_there_at_once()
    {
        var incident = await CreateIncidentAsync();
        var later = """{"answer":"It came late."}""";
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(later)));
        await SendSpansAsync($$"""[{"span_id":"late-1","tool":"tool.call/ask","start_ts":1767225654100,"end_ts":1767225654900,"incident_id":"{{incident}}","result_digest":"{{digest}}"}]""");
        Assert.Equal(JsonValueKind.Null, Assert.Single(await PageAsync($"/incidents/{incident}/steps")).GetProperty("result").ValueKind);

        await StoreAsync(later);
        Assert.Equal("It came late.", JsonElement.Parse(Text(Assert.Single(await PageAsync($"/incidents/{incident}/steps")).GetProperty("result"), "text")!).GetProperty("answer").GetString());

        await SendSpansAsync($$"""[{"span_id":"late-0","tool":"agent.run/a","start_ts":1767225654000,"end_ts":1767225654900,"incident_id":"{{incident}}"}]""");
        Assert.Equal(["late-0", "late-1"], (await PageAsync($"/incidents/{incident}/steps")).Select(step => Text(step, "id")));
    }

    [Fact]
    public async Task Thousands_of_steps_that_begin_at_one_instant_page_without_losing_or_repeating_one()
    {
        var incident = await CreateIncidentAsync();
        const int count = 2_300;
        var spans = Enumerable.Range(0, count).Select(i => string.Create(
            CultureInfo.InvariantCulture, $$"""{"span_id":"m-{{i:D5}}","tool":"tool.call/t","start_ts":{{1767225600000 + (i / 700)}},"end_ts":1767225700000,"incident_id":"{{incident}}"}"""));
        await SendSpansAsync($"[{string.Join(',', spans)}]");

        var steps = await PageAsync($"/incidents/{incident}/steps?limit=333");

        Assert.Equal(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"m-{i:D5}")), steps.Select(step => Text(step, "id")));
    }

    [Fact]
    public async Task Long_texts_are_cut_in_the_list_and_longer_in_the_step()
    {
        var incident = await CreateIncidentAsync();
        var text = string.Concat(Enumerable.Repeat("🧯 smoke ", 20_000));
        var digest = await StoreAsync(JsonSerializer.Serialize(text));
        await SendSpansAsync($$"""[{"span_id":"long","tool":"tool.call/read","start_ts":1767225654100,"end_ts":1767225654900,"incident_id":"{{incident}}","result_digest":"{{digest}}"}]""");

        var preview = Assert.Single(await PageAsync($"/incidents/{incident}/steps")).GetProperty("result");
        var detail = await GetJsonAsync($"/incidents/{incident}/step?id=long&text=100000");

        Assert.Equal((true, text.Length, digest), (preview.GetProperty("cut").GetBoolean(), Number(preview, "length"), Text(preview, "digest")));
        Assert.InRange(Text(preview, "text")!.Length, 200, 241);
        Assert.StartsWith(Text(preview, "text")!, text, StringComparison.Ordinal);
        Assert.InRange(Text(detail.GetProperty("step").GetProperty("result"), "text")!.Length, 99_990, 100_000);
        Assert.Equal(digest, Text(detail.GetProperty("result_content"), "digest"));
    }

    [Theory]
    [InlineData("steps?limit=501", "limit")]
    [InlineData("steps?cursor=x", "cursor")]
    [InlineData("step", "id")]
    [InlineData("step?id=a&text=262145", "text")]
    public async Task A_wrong_parameter_is_named(string path, string name)
    {
        var incident = await CreateIncidentAsync();
        using var response = await Client.GetAsync($"/incidents/{incident}/{path}");

        await ReadProblemAsync(response, 400, "invalid-parameter", name);
    }

    [Fact]
    public async Task An_incident_without_spans_has_no_steps_and_one_that_is_not_there_is_told()
    {
        var incident = await CreateIncidentAsync();

        Assert.Empty((await GetJsonAsync($"/incidents/{incident}/steps")).GetProperty("steps").EnumerateArray());
        using var missing = await Client.GetAsync($"/incidents/{Guid.NewGuid()}/steps");
        await ReadProblemAsync(missing, 404, "not-found", "id");
    }

    private async Task<List<JsonElement>> PageAsync(string path)
    {
        List<JsonElement> steps = [];
        for (var next = path; next is not null;)
        {
            using var response = await Client.GetAsync(next);
            steps.AddRange((await ReadAsync(response, 200)).GetProperty("steps").EnumerateArray());
            next = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('>')[0].TrimStart('<') : null;
        }

        return steps;
    }

    private static string? Text(JsonElement value, string name) => value.GetProperty(name).GetString();

    private static int Number(JsonElement value, string name) => value.GetProperty(name).GetInt32();
}
