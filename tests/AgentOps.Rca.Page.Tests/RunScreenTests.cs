using System.Text.Json;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

public sealed class RunScreenTests(ChromiumBrowser browser) : PageTests(browser)
{
    [Fact]
    public async Task The_timeline_opens_at_the_cause_and_walks_from_error_to_error()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".rows .culprit");

        await Expect(page.Locator(".rows li")).ToHaveCountAsync(14);
        await Expect(page.Locator(".rows li.failed")).ToHaveCountAsync(6);
        await Expect(page.Locator(".rows .culprit button")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Locator(".detail")).ToContainTextAsync("HTTP 429 Account limit of 40 shipments an hour reached.");
        await Expect(page.Locator(".check")).ToContainTextAsync("fold 7 idle gaps, > 99 % of the time");

        await page.Keyboard.PressAsync("n");
        await Expect(page.Locator("[data-span=ord-20417-ship2] button")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Keyboard.PressAsync("p");
        await Expect(page.Locator("[data-span=ord-20417-ship1] button")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Locator("[data-span=ord-20417-llm2] button").ClickAsync();
        await Expect(page.Locator(".detail")).ToContainTextAsync("Stock is reserved. I book FastFreight Express");
        Assert.EndsWith("/span/ord-20417-llm2", page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        await Expect(page.Locator("[data-span=ord-20417-llm2] button")).ToHaveAttributeAsync("aria-pressed", "true");
    }

    [Fact]
    public async Task The_conversation_marks_the_culprit_and_its_evidence()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".rows li");
        await page.Keyboard.PressAsync("c");

        await Expect(page.Locator(".step")).ToHaveCountAsync(14);
        await Expect(page.Locator(".step.culprit")).ToHaveCountAsync(1);
        await Expect(page.Locator(".step.culprit .chip")).ToHaveTextAsync("E1");
        await Expect(page.Locator(".step.culprit")).ToContainTextAsync("repaired later by");
        await Expect(page.Locator(".run-head")).ToContainTextAsync("Ship two espresso machines");
        await page.Locator(".step .chip[data-evidence=E3]").ClickAsync();
        await Expect(page.Locator(".bytes-bar h2")).ToHaveTextAsync("The bytes E3");
    }

    [Theory]
    [InlineData("maf-unknown-tool", "6f1dd2e417dedd78bbb5d3674c2ac961")]
    [InlineData("vercel-schema-violation", "8c61b3a5463f1f019f52eaaa7127e150")]
    [InlineData("mcp-is-error-ignored", "6c8517c7f1bf371472c7a58fc2b04a88")]
    [InlineData("langgraph-empty-search-invented", "ad989b1c27e360d79dd91c2f9686e259")]
    [InlineData("oi-openai-stale-cache", "453e6ea84d2e51ac9c4331284e0af53e")]
    [InlineData("traceloop-error-in-body", "c8fcc118672b83f55d6e1de57383d493")]
    [InlineData("mastra-hallucinated-id", "e6c66f2fe5d382247871c0f3f91b7fdb")]
    public async Task Runs_of_real_frameworks_are_drawn_and_told(string name, string trace)
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.SendRecordedAsync(name, trace);
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li");
        var spans = JsonElement.Parse(await host.Client.GetStringAsync($"/incidents/{incident}/timeline?px=100&rows=0")).GetProperty("span_count").GetInt32();
        await Expect(page.Locator(".rows li")).ToHaveCountAsync(Math.Min(spans, 22), new() { Timeout = 10_000 });

        await page.ClickAsync("#tab-conversation");
        await page.Locator(".step").First.WaitForAsync();
        var steps = JsonElement.Parse(await host.Client.GetStringAsync($"/incidents/{incident}/steps?limit=500")).GetProperty("steps").GetArrayLength();
        await Expect(page.Locator(".step")).ToHaveCountAsync(Math.Min(50, steps));
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    [Fact]
    public async Task Among_thousands_of_calls_only_those_in_view_exist_and_the_next_error_is_found()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync("large");
        var spans = Enumerable.Range(0, 20_000).Select(i =>
            $$"""{"span_id":"s{{i}}","tool":"tool.call/step{{i % 7}}","start_ts":{{1767225600000 + (i * 50L)}},"end_ts":{{1767225600040 + (i * 50L)}},"incident_id":"{{incident}}","attributes":{{(i is 9_000 or 15_500 ? "{\"status\":\"error\",\"error.type\":\"timeout\"}" : "{}")}} }""");
        await host.PostAsync("/traces/spans", $"[{string.Join(',', spans)}]");
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li");

        Assert.InRange(await page.Locator(".rows li").CountAsync(), 5, 60);
        await Expect(page.Locator(".run-head")).ToContainTextAsync("20,000 calls");
        await page.Locator("rca-timeline [data-key=n]").ClickAsync();
        await Expect(page.Locator("[data-span=s9000] button")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Locator("rca-timeline [data-key=n]").ClickAsync();
        await Expect(page.Locator("[data-span=s15500] button")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Locator("rca-timeline [data-key=p]").ClickAsync();
        await Expect(page.Locator("[data-span=s9000] button")).ToHaveAttributeAsync("aria-pressed", "true");

        await Expect(page.Locator(".error-number")).ToHaveTextAsync("error 1 of 2");
        await page.EvaluateAsync("document.querySelector('.rows').scrollTop = 28 * 12000");
        await page.Locator("[data-span=s12003]").WaitForAsync();
        Assert.InRange(await page.Locator(".rows li").CountAsync(), 5, 60);
    }

    [Fact]
    public async Task A_run_is_held_against_a_good_one_with_the_first_divergence_first()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync("bad");
        const string Good = """{"span_id":"g-run","tool":"agent.run/orders","start_ts":1767225000000,"end_ts":1767225060000,"attributes":{} },{"span_id":"g-t1","parent_id":"g-run","tool":"tool.call/lookup","start_ts":1767225001000,"end_ts":1767225002000,"attributes":{} }""";
        await host.PostAsync("/traces/spans", $$"""
            [{{Good}},
             {"span_id":"b-run","tool":"agent.run/orders","start_ts":1767225600000,"end_ts":1767225660000,"incident_id":"{{incident}}","attributes":{} },
             {"span_id":"b-t1","parent_id":"b-run","tool":"tool.call/lookup","start_ts":1767225601000,"end_ts":1767225602000,"incident_id":"{{incident}}","attributes":{"status":"error","error.type":"timeout"} }]
            """);
        await host.AnalyzeAsync(incident);
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li");
        await page.Keyboard.PressAsync("d");
        await page.Locator("rca-good-runs a").First.ClickAsync();

        await Expect(page.Locator("rca-compare .root-cause")).Not.ToBeEmptyAsync();
        await Expect(page.Locator(".pair-row.culprit")).ToHaveCountAsync(1);
        Assert.Contains("#compare/", page.Url, StringComparison.Ordinal);
        await AssertAccessibleAsync(page);
    }
}
