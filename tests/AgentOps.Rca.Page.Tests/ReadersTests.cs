using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Reading;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

/// <summary>What readers bring: their keyboard, their window, their language, their printer, and addresses that others gave them.</summary>
public sealed partial class ReadersTests(ChromiumBrowser browser) : PageTests(browser)
{
    [Fact]
    public async Task Every_key_that_is_listed_does_something_and_every_key_that_does_is_listed()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".rows .culprit");
        await page.Locator(".title .badge").WaitForAsync();
        await page.Keyboard.PressAsync("+");
        await page.Locator("rca-timeline [data-key='0']").WaitForAsync();
        await page.FillAsync(".run-search input", "carrier");
        await page.Locator(".rows li.hit").First.WaitForAsync();
        await page.Keyboard.PressAsync("Escape");
        var offered = (await page.EvaluateAsync<string[]>("[...document.querySelectorAll('[data-key]')].filter(one => one.checkVisibility()).map(one => one.dataset.key)")).ToHashSet();
        await page.Keyboard.PressAsync("?");
        var listed = string.Join(' ', await page.Locator("dialog.help kbd").AllTextContentsAsync()).Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet();

        // The zoom was left alone by the search, so that nothing of the run is out of reach.
        string[] always = ["?", "g", "i", "v", "j", "k", "Enter", "Esc", "↑", "↓", "Home", "End"];
        Assert.Empty(offered.Except(listed));
        Assert.Empty(listed.Except(offered).Except(always).Except(["f"]));
    }

    [Theory]
    [InlineData(390)]
    [InlineData(768)]
    [InlineData(1280)]
    [InlineData(1920)]
    [InlineData(3840)]
    public async Task From_a_phone_to_a_wall_nothing_is_cut_off(int width)
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".rows .culprit", width, height: width < 800 ? 844 : 1200);
        await page.Locator(".title .badge").WaitForAsync();
        await AssertFitsAsync(page);

        // The cause is seen without scrolling, and what it is asked to do can be pressed.
        Assert.True(await page.EvalOnSelectorAsync<bool>(".root-cause", "cause => cause.getBoundingClientRect().bottom < innerHeight"));
        Assert.True(await page.EvalOnSelectorAllAsync<bool>("main button, main a", """
            all => all.filter(one => one.checkVisibility() && !one.closest(".rows, .overview")).every(one => { const box = one.getBoundingClientRect(); return box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1; })
            """));
        if (width == 390)
        {
            await page.Locator(".rests .chip").First.ClickAsync();
            await Expect(page.Locator("aside.bytes .proof .badge.good")).ToBeVisibleAsync();
            await page.Locator(".close").ClickAsync();
            await Expect(page.Locator("aside.bytes")).ToBeHiddenAsync();
        }
    }

    [Fact]
    public async Task Nothing_moves_for_those_who_asked_for_that()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".rows .culprit");
        const string Moving = "[...document.querySelectorAll('*')].filter(one => { const style = getComputedStyle(one); return style.transitionDuration.split(',').some(time => parseFloat(time) > 0) || parseFloat(style.animationDuration) > 0 || style.scrollBehavior === 'smooth'; }).length";
        Assert.Equal(0, await page.EvaluateAsync<int>(Moving));
        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.NoPreference });
        Assert.True(await page.EvaluateAsync<int>(Moving) > 0);
    }

    [Fact]
    public async Task Words_from_right_to_left_stay_apart_from_those_around_them()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        const string Hebrew = "הזמנה 42";
        const string Emoji = "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽";
        var incident = await host.OpenAsync(Hebrew, "משלוח מאוחר");
        var arguments = await host.StoreAsync(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["כתובת"] = "רחוב הרצל 1", ["mood"] = Emoji }));
        await host.PostAsync("/traces/spans", $$"""
            [{"span_id":"s1","tool":"tool.call/שליחה","start_ts":1767225600000,"end_ts":1767225601000,"incident_id":"{{incident}}","args_digest":"{{arguments}}","attributes":{"status":"error","error.message":"השרת לא ענה {{Emoji}}"} }]
            """);
        await host.AnalyzeAsync(incident);
        await host.PostAsync($"/incidents/{incident}/reject", JsonSerializer.Serialize(new { reason = "לא נכון!", rejected_by = "דנה" }));
        var page = await OpenAsync($"{host.Address}/#incident/{incident}/span/s1", ".detail .words");
        await page.Locator(".title .badge.bad").WaitForAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync(Hebrew);
        await Expect(page.Locator(".detail")).ToContainTextAsync(Emoji);
        await Expect(page.Locator(".rows li")).ToContainTextAsync("שליחה");

        // Each text from outside is in an element of its own direction; the page's own words keep theirs.
        Assert.Empty(await page.EvaluateAsync<string[]>("""
            (() => {
              const found = [];
              const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const holder = walker.currentNode.parentElement;
                if (/[\u0590-\u05FF]/.test(walker.currentNode.data) && !holder.closest("bdi, code, pre, .text, [dir]")) found.push(walker.currentNode.data);
              }
              return found;
            })()
            """));
        Assert.Equal("ltr", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('main')).direction"));
        await page.ClickAsync("#tab-conversation");
        await Expect(page.Locator(".step").First).ToContainTextAsync(Emoji);
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    [Fact]
    public async Task The_addresses_that_the_API_gives_are_the_places_that_the_page_shows()
    {
        await using var host = await PageHost.StartAsync();
        var id = Guid.Parse(PageHost.FirstId);
        var row = JsonElement.Parse(await host.Client.GetStringAsync("/incidents?view=overview")).EnumerateArray().Single(one => one.GetProperty("id").GetGuid() == id);
        var page = await OpenAsync($"{host.Address}/{row.GetProperty("page").GetString()}", ".root-cause");
        await Expect(page.Locator("h1")).ToHaveTextAsync("A-20417");

        var evidence = JsonElement.Parse(await host.Client.GetStringAsync($"/incidents/{id}/evidence/E3"));
        var address = evidence.GetProperty("page").GetString()!;
        Assert.Matches($"^#incident/{id}/span/ord-20417-ship3/bytes/[0-9]+-[0-9]+$", address);
        await GoAsync(address);
        await Expect(page.Locator(".bytes-bar h2")).ToHaveTextAsync("The bytes E3");
        await Expect(page.Locator(".excerpt mark")).ToHaveTextAsync("\"rate_limited\"");
        await page.Locator(".proof").GetByText("Copy link").ClickAsync();
        Assert.Equal($"{host.Address}/{address}", await page.EvaluateAsync<string>("navigator.clipboard.readText()"));

        await GoAsync(PageAddresses.Evidence(id, "E2"));
        await Expect(page.Locator(".bytes-bar h2")).ToHaveTextAsync("The bytes E2");
        var span = JsonElement.Parse(await host.Client.GetStringAsync($"/incidents/{id}/span?id=ord-20417-llm2")).GetProperty("page").GetString()!;
        await GoAsync(span);
        await Expect(page.Locator("[data-span=ord-20417-llm2] button")).ToHaveAttributeAsync("aria-pressed", "true");
        var step = JsonElement.Parse(await host.Client.GetStringAsync($"/incidents/{id}/step?id=ord-20417-ship7")).GetProperty("page").GetString()!;
        await GoAsync(step);
        await Expect(page.Locator("[data-step=ord-20417-ship7]")).ToBeFocusedAsync();
        await GoAsync(PageAddresses.Compare(id, "inv-3381-run"));
        await Expect(page.Locator("rca-compare .root-cause")).Not.ToBeEmptyAsync();
        await page.GoBackAsync();
        await Expect(page.Locator("[data-step=ord-20417-ship7]")).ToBeVisibleAsync();

        Task GoAsync(string hash) => page.EvaluateAsync("hash => location.hash = hash", hash);
    }

    [Fact]
    public async Task A_printed_post_mortem_has_the_cause_the_evidence_what_happened_the_decision_and_the_digests_on_white()
    {
        await using var host = await PageHost.StartAsync();
        await host.PostAsync($"/incidents/{PageHost.FirstId}/approve", """{"approved_by":"Ann de Wit","note":"Limit raised."}""");
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".proof .badge.good", scheme: ColorScheme.Dark);
        await page.Locator(".title .badge.good").WaitForAsync();
        await page.EmulateMediaAsync(new() { Media = Media.Print, ColorScheme = ColorScheme.Light });
        foreach (var shown in new[] { ".root-cause", ".rests", ".todo", ".happened", ".digests", ".figures", ".title .badge.good" })
        {
            await Expect(page.Locator(shown).First).ToBeVisibleAsync();
        }

        await Expect(page.Locator(".title")).ToContainTextAsync("Ann de Wit");
        Assert.Equal("rgb(255, 255, 255)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.Equal(0, await page.EvaluateAsync<int>("[...document.querySelectorAll('button, input, select')].filter(one => one.checkVisibility()).length"));
        var pages = Pages().Count(System.Text.Encoding.Latin1.GetString(await page.PdfAsync(new() { Format = "A4" })));
        Assert.InRange(pages, 1, 4);
    }

    [GeneratedRegex("/Type\\s*/Page\\b(?!s)")]
    private static partial Regex Pages();
}
