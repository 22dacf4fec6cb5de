using System.Text.Json;
using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

/// <summary>What one does with a run: search it, walk its errors, fold its gaps, look closer, and open any call of it.</summary>
public sealed class RunToolsTests(ChromiumBrowser browser) : PageTests(browser)
{
    private const long Start = 1767225600000;

    [Fact]
    public async Task A_run_is_searched_by_name_agent_service_and_id_from_the_keyboard()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".rows .culprit");
        await page.Keyboard.PressAsync("/");
        await Expect(page.Locator(".run-search input")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("CREATE_ship");
        await Expect(page.Locator(".run-search")).ToContainTextAsync("1 of 7");
        await Expect(page.Locator(".rows li.hit")).ToHaveCountAsync(7);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[data-span=ord-20417-ship2] button")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Keyboard.PressAsync("Shift+Enter");
        await page.Keyboard.PressAsync("Shift+Enter");
        await Expect(page.Locator(".run-search")).ToContainTextAsync("7 of 7");
        await Expect(page.Locator("[data-span=ord-20417-ship7] button")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("]");
        await Expect(page.Locator("[data-span=ord-20417-ship1] button")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Keyboard.PressAsync("[");
        await Expect(page.Locator("[data-span=ord-20417-ship7] button")).ToHaveAttributeAsync("aria-pressed", "true");
        await AssertAccessibleAsync(page);

        await page.FillAsync(".run-search input", "nothing of the kind");
        await Expect(page.Locator(".run-search")).ToContainTextAsync("nothing found");
        await Expect(page.Locator(".rows li.hit")).ToHaveCountAsync(0);
        await Expect(page.Locator("#announcements")).ToHaveTextAsync("nothing found");
    }

    [Fact]
    public async Task A_search_that_was_refused_says_why_and_not_that_nothing_was_found()
    {
        ExpectsRefusals = true;
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".rows .culprit");
        await page.RouteAsync("**/search?*", static route => route.FulfillAsync(new() { Status = 400, ContentType = "application/problem+json", Body = """{"detail":"Not these words."}""" }));
        await page.FillAsync(".run-search input", "carrier");
        await Expect(page.Locator(".run-search [role=status]")).ToHaveTextAsync("Not these words.");
        await Expect(page.Locator("#announcements")).ToHaveTextAsync("Not these words.");

        await page.UnrouteAsync("**/search?*");
        await page.Locator(".run-search input").PressAsync("Enter");
        await Expect(page.Locator(".run-search")).ToContainTextAsync("1 of 7");
    }

    [Fact]
    public async Task Errors_are_walked_in_order_with_their_number_and_round_again()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".rows .culprit");
        await Expect(page.Locator(".error-number")).ToHaveTextAsync("error 1 of 6");
        for (var i = 2; i <= 7; i++)
        {
            await page.Keyboard.PressAsync("n");
            await Expect(page.Locator(".error-number")).ToHaveTextAsync($"error {(i - 1) % 6 + 1} of 6");
        }

        await page.Keyboard.PressAsync("p");
        await Expect(page.Locator("[data-span=ord-20417-ship6] button")).ToHaveAttributeAsync("aria-pressed", "true");

        // From a call that did not fail, to those around it.
        await page.Locator("[data-span=ord-20417-ship7] button").ClickAsync();
        await Expect(page.Locator(".error-number")).ToBeEmptyAsync();
        await page.Keyboard.PressAsync("p");
        await Expect(page.Locator(".error-number")).ToHaveTextAsync("error 6 of 6");
    }

    [Fact]
    public async Task No_press_is_lost_when_errors_are_walked_faster_than_the_host_answers()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".rows .culprit");
        await Expect(page.Locator(".error-number")).ToHaveTextAsync("error 1 of 6");
        await page.RouteAsync("**/timeline?*", static async route =>
        {
            await Task.Delay(200);
            await route.ContinueAsync();
        });
        foreach (var key in "nnnp")
        {
            await page.Keyboard.PressAsync(key.ToString());
        }

        await Expect(page.Locator("[data-span=ord-20417-ship3] button")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Locator(".error-number")).ToHaveTextAsync("error 3 of 6");
    }

    [Fact]
    public async Task Errors_of_the_same_instant_and_errors_within_errors_are_each_walked_to()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync("at once");
        await host.PostAsync("/traces/spans", $"[{string.Join(',', Enumerable.Range(0, 6).Select(i =>
            $$"""{"span_id":"s{{i}}","parent_id":{{(i == 0 ? "null" : "\"s0\"")}},"tool":"tool.call/t{{i}}","start_ts":{{Start + (i < 4 ? 0 : i * 1000)}},"end_ts":{{Start + 9000}},"incident_id":"{{incident}}","status":"{{(i == 3 ? "ok" : "error")}}"}"""))}]");
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li");
        List<string> walked = [];
        for (var i = 0; i < 5; i++)
        {
            await page.Locator("rca-timeline [data-key=n]").ClickAsync();
            await Expect(page.Locator(".error-number")).ToHaveTextAsync($"error {i + 1} of 5");
            walked.Add(await page.Locator(".rows li:has([aria-pressed=true])").GetAttributeAsync("data-span") ?? "");
        }

        Assert.Equal(["s0", "s1", "s2", "s4", "s5"], walked);
    }

    [Fact]
    public async Task A_call_that_is_no_step_has_a_panel_of_its_own()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync("A-1");
        var body = await host.StoreAsync("{\"asked\":\"ana@example.org\"}"u8.ToArray());
        await host.PostAsync("/traces/spans", $$"""
            [{"span_id":"run","tool":"agent.run/orders","start_ts":{{Start}},"end_ts":{{Start + 9000}},"incident_id":"{{incident}}","attributes":{"service.name":"agents"} },
             {"span_id":"ship","parent_id":"run","tool":"tool.call/ship","start_ts":{{Start + 1000}},"end_ts":{{Start + 2000}},"incident_id":"{{incident}}"},
             {"span_id":"http","parent_id":"ship","tool":"POST /shipments","start_ts":{{Start + 1100}},"end_ts":{{Start + 1900}},"incident_id":"{{incident}}","args_digest":"{{body}}","attributes":{"service.name":"carrier-api","error.type":"timeout","http.response.status_code":504} },
             {"span_id":"alone","parent_id":"gone","tool":"GET /health","start_ts":{{Start + 3000}},"end_ts":0,"incident_id":"{{incident}}","attributes":{"probe":true} }]
            """);
        var page = await OpenAsync($"{host.Address}/#incident/{incident}/span/http", ".detail .where");

        var panel = page.Locator(".detail");
        await Expect(panel.Locator("h3")).ToHaveTextAsync("POST /shipments");
        await Expect(panel.Locator(".step-failure")).ToHaveTextAsync(new Regex("HTTP 504 timeout"));
        await Expect(panel).ToContainTextAsync("carrier-api");
        await Expect(panel).ToContainTextAsync("[EMAIL_1]");
        await Expect(panel.Locator(".json")).ToContainTextAsync(["[EMAIL_1]", "http.response.status_code: 504"]);
        await panel.GetByText("Open all 27 B, nothing masked").ClickAsync();
        await Expect(panel.Locator(".content .json")).ToContainTextAsync("ana@example.org");
        await Expect(panel.Locator(".note")).ToContainTextAsync("part of a step of an agent: ship");
        await panel.Locator(".note a").ClickAsync();
        await Expect(panel.Locator("h3")).ToHaveTextAsync("tool.call/ship");
        Assert.EndsWith("/span/ship", page.Url, StringComparison.Ordinal);

        await page.Locator("[data-span=alone] button").ClickAsync();
        await Expect(panel.Locator(".note")).ToHaveTextAsync("This call is part of no step of an agent.");
        await Expect(panel).ToContainTextAsync("no end recorded");
        await Expect(panel).ToContainTextAsync("gone (not recorded)");
        await Expect(panel.Locator(".json")).ToContainTextAsync("probe: true");
        await AssertAccessibleAsync(page);
    }

    [Fact]
    public async Task Idle_gaps_fold_calls_without_an_end_stay_open_and_clocks_are_told()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync("A-1");
        await host.PostAsync("/traces/spans", $$"""
            [{"span_id":"a","tool":"tool.call/a","start_ts":{{Start}},"end_ts":{{Start + 1000}},"incident_id":"{{incident}}"},
             {"span_id":"b","tool":"tool.call/b","start_ts":{{Start + 80_000}},"end_ts":{{Start + 100_000}},"incident_id":"{{incident}}"},
             {"span_id":"open","parent_id":"b","tool":"tool.call/open","start_ts":{{Start + 81_000}},"end_ts":0,"incident_id":"{{incident}}"},
             {"span_id":"early","parent_id":"b","tool":"GET /early","start_ts":{{Start + 70_000}},"end_ts":{{Start + 71_000}},"incident_id":"{{incident}}"},
             {"span_id":"back","tool":"tool.call/back","start_ts":{{Start + 90_000}},"end_ts":{{Start + 89_000}},"incident_id":"{{incident}}"}]
            """);
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li");

        await Expect(page.Locator(".check")).ToHaveTextAsync(new Regex("^fold [1-4] idle gaps?, [0-9]+ % of the time$"));
        var folded = await Widths();
        Assert.True(await page.Locator("[data-span=a] .fold").CountAsync() > 0);
        Assert.Matches("nothing ran for ", await page.Locator("[data-span=a] .fold").First.GetAttributeAsync("title") ?? "");
        await page.Keyboard.PressAsync("f");
        await Expect(page.Locator(".rows .fold")).ToHaveCountAsync(0);
        var unfolded = await Widths();
        Assert.True(folded["a"] > 3 * unfolded["a"], $"{folded["a"]} {unfolded["a"]}");
        Assert.Equal(0.01, unfolded["a"], 3);
        Assert.Equal(0.2, unfolded["b"], 3);

        await Expect(page.Locator("[data-span=open] .no-end")).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-span=open]")).ToContainTextAsync("no end recorded");
        Assert.Equal(0.19, unfolded["open"], 3);
        await Expect(page.Locator("rca-timeline > div > .note")).ToHaveTextAsync(
            "1 call has no recorded end, drawn open. 1 call ends before the start. The clocks of 1 call were moved, by at most 20 s, so that no call begins before the one that made it.");
        await Expect(page.Locator("[data-span=early] button")).ToHaveAttributeAsync("title", new Regex("clock moved by "));
        await page.Locator("[data-span=early] button").ClickAsync();
        await Expect(page.Locator(".detail .where")).ToContainTextAsync("clock moved by ");

        async Task<Dictionary<string, double>> Widths() => JsonElement.Parse(await page.EvaluateAsync<string>(
            "JSON.stringify(Object.fromEntries([...document.querySelectorAll('.rows li')].map(row => [row.dataset.span, Number(row.querySelector('.span-bar').style.getPropertyValue('--w'))])))"))
            .EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetDouble());
    }

    [Fact]
    public async Task One_looks_closer_moves_on_and_comes_back_with_keys_and_by_dragging()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync("long");
        await host.PostAsync("/traces/spans", $"[{string.Join(',', Enumerable.Range(0, 400).Select(i =>
            $$"""{"span_id":"s{{i}}","tool":"tool.call/t","start_ts":{{Start + (i * 100)}},"end_ts":{{Start + (i * 100) + 90}},"incident_id":"{{incident}}"}"""))}]");
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li");
        await page.Locator("[data-span=s10] button").ClickAsync();
        await page.Keyboard.PressAsync("+");
        await page.Keyboard.PressAsync("+");
        await Expect(page.Locator("rca-timeline").GetByText("Whole run")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-span=s10]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("l");
        await page.Keyboard.PressAsync("l");
        await page.Keyboard.PressAsync("l");
        await page.Keyboard.PressAsync("l");
        await Expect(page.Locator(".rows li").First).Not.ToHaveAttributeAsync("data-span", "s0");
        await page.Keyboard.PressAsync("h");
        await page.Keyboard.PressAsync("-");
        await page.Keyboard.PressAsync("0");
        await Expect(page.Locator("rca-timeline").GetByText("Whole run")).ToHaveCountAsync(0);

        var box = (await page.Locator(".overview canvas").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + 10);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width * 3 / 4), box.Y + 10, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await Expect(page.Locator("rca-timeline").GetByText("Whole run")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-span=s205]")).ToHaveCountAsync(1);
        await page.Locator(".rows button").First.FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Expect(page.Locator(".rows li").Last).ToHaveAttributeAsync("data-span", new Regex("^s(299|300)$"));
    }

    [Fact]
    public async Task What_tools_say_of_themselves_is_told_when_it_is_asked_for()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.SendRecordedAsync("vercel-schema-violation", "8c61b3a5463f1f019f52eaaa7127e150");
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li");
        var asked = 0;
        page.Request += (_, request) => asked += request.Url.Contains("/step?", StringComparison.Ordinal) ? 1 : 0;
        await page.ClickAsync("#tab-conversation");
        var offered = page.Locator(".step .offered").First;
        await Expect(offered.Locator("summary")).ToHaveTextAsync(new Regex("^[0-9]+ tools? offered$"));
        asked = 0;
        await offered.Locator("summary").ClickAsync();
        await Expect(offered.Locator(".definition").First).ToBeVisibleAsync();
        await Expect(offered.Locator(".definition .json").First).ToContainTextAsync("type: \"object\"");
        Assert.Equal(1, asked);
    }
}
