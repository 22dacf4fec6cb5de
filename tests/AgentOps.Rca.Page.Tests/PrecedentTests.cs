using System.Text;
using System.Text.Json;
using AgentOps.Rca.Identity;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

/// <summary>What was approved before of the same kind, with the word that says what the name of who approved it is worth.</summary>
public sealed class PrecedentTests(ChromiumBrowser browser) : PageTests(browser)
{
    private static readonly CallerKey Ann = CallerKey.Create("ann", [CallerScopes.Admin], null, out Secret);
    private static readonly string Secret;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_that_nothing_proves_is_nowhere_without_the_word_claimed(bool hasKey)
    {
        await using var host = await PageHost.StartAsync(hasDemo: false, configure: options => options.Keys = hasKey ? Ann.ToString() : null);
        if (hasKey)
        {
            host.Client.DefaultRequestHeaders.Add("X-Api-Key", Secret);
        }

        var first = await OpenFailedRunAsync(host, 1);
        await host.AnalyzeAsync(first);
        await host.PostAsync($"/incidents/{first}/approve", hasKey ? """{"note":"Limit raised."}""" : """{"approved_by":"ann","note":"Limit raised."}""");
        var second = await OpenFailedRunAsync(host, 2);
        var report = await host.AnalyzeAsync(second);

        // The API has it in the report and in the listing.
        var precedent = report.GetProperty("patterns")[0].GetProperty("approved")[0];
        Assert.Equal((hasKey, "ann"), (precedent.GetProperty("approver").GetProperty("authenticated").GetBoolean(), precedent.GetProperty("approved_by").GetString()));
        var listed = JsonElement.Parse(await host.Client.GetStringAsync("/rca/patterns"))[0].GetProperty("approved")[0];
        Assert.Equal(hasKey, listed.GetProperty("approver").GetProperty("authenticated").GetBoolean());
        Assert.Contains(
            hasKey ? "this was approved by ann (authenticated by AgentOpsRcaKey): “Limit raised.”" : "this was approved by ann (claimed): “Limit raised.”",
            await host.Client.GetStringAsync($"/incidents/{second}/postmortem"),
            StringComparison.Ordinal);
        var replayed = await host.PostAsync("/replay/strict", $$"""{"incident_id":"{{second}}"}""");
        Assert.Equal("reproduced", replayed.GetProperty("verdict").GetString());

        var page = await OpenAsync($"{host.Address}/#incident/{second}", hasKey ? "dialog.key input" : ".root-cause");
        if (hasKey)
        {
            await page.FillAsync("dialog.key input", Secret);
            await page.ClickAsync("dialog.key button");
        }

        var said = hasKey ? "ann (authenticated)" : "ann (claimed)";
        await Expect(page.Locator("li", new() { HasText = "approved then" })).ToContainTextAsync(said);
        await AssertAccessibleAsync(page);
        await page.EvaluateAsync("location.hash = '#patterns'");
        await Expect(page.Locator("rca-patterns li li", new() { HasText = "approved then" })).ToContainTextAsync(said);
        await page.EvaluateAsync("location.hash = '#incidents'");
        await Expect(page.Locator($"a[href$='{first}'] .decided .badge")).ToHaveAttributeAsync("title", $"{said}: Limit raised.");
    }

    private static async Task<string> OpenFailedRunAsync(PageHost host, int number)
    {
        var incident = await host.OpenAsync($"order-{number}");
        var spans = string.Join(',', Enumerable.Range(0, 4).Select(place =>
            $$"""{"span_id":"r{{number}}-{{place}}","parent_id":{{(place == 0 ? "null" : $"\"r{number}-0\"")}},"tool":"tool.call/carrier{{place}}","start_ts":{{1_700_000_000_000 + place}},"end_ts":{{1_700_000_000_900 + place}},"attributes":{{(place == 3 ? """{"error.type":"timeout"}""" : "{}")}},"incident_id":"{{incident}}"}"""));
        using var body = new StringContent($"[{spans}]", Encoding.UTF8, "application/json");
        using var taken = await host.Client.PostAsync("/traces/spans", body);
        Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync());
        return incident;
    }
}
