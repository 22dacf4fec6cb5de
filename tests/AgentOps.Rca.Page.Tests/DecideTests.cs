using System.Text.Json;
using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

public sealed class DecideTests(ChromiumBrowser browser) : PageTests(browser)
{
    [Fact]
    public async Task An_analysis_tells_its_progress_and_its_report_is_shown()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync("A-1");
        await host.PostAsync("/traces/spans", $$"""
            [{"span_id":"s1","tool":"tool.call/mail.send","start_ts":1767225604000,"end_ts":1767225605000,"incident_id":"{{incident}}","attributes":{"status":"error","error.type":"timeout"} }]
            """);
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".verdict.none");
        await page.Keyboard.PressAsync("a");
        await page.FillAsync("input[name=by]", "ann");
        await page.Locator(".decision button.primary").ClickAsync();

        await Expect(page.Locator(".root-cause")).ToContainTextAsync("tool.call/mail.send");
        await Expect(page.Locator(".title")).ToBeVisibleAsync();
        await Expect(page.Locator(".rests .chip").First).ToBeVisibleAsync();
        var reports = JsonElement.Parse(await host.Client.GetStringAsync($"/incidents/{incident}/reports"));
        Assert.Equal(1, reports.GetArrayLength());
    }

    [Fact]
    public async Task A_report_is_approved_and_a_newer_one_makes_that_stale()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".actions");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await page.FillAsync("input[name=by]", "Ann de Wit");
        await page.FillAsync("textarea", "Read it.");
        await page.Locator(".decision button.primary").ClickAsync();

        await Expect(page.Locator(".title .badge.good")).ToContainTextAsync("approved");
        await Expect(page.Locator(".title")).ToContainTextAsync("Ann de Wit");
        var decision = JsonElement.Parse(await host.Client.GetStringAsync($"/incidents/{PageHost.FirstId}")).GetProperty("approval");
        Assert.Equal(("approved", "Ann de Wit", "Read it."), (decision.GetProperty("status").GetString(), decision.GetProperty("approved_by").GetString(), decision.GetProperty("note").GetString()));

        await page.Keyboard.PressAsync("a");
        await page.Locator(".decision button.primary").ClickAsync();
        await Expect(page.Locator(".outcome")).ToContainTextAsync("The new report is stored.");
        await Expect(page.Locator(".progress li").First).ToBeVisibleAsync();
        await Expect(page.Locator(".title .badge.warn")).ToContainTextAsync("overtaken by a newer analysis");
        await page.GetByText("Analyses (2)").ClickAsync();
        await page.Locator(".plainlist a").Last.ClickAsync();
        await Expect(page.Locator(".verdict .note")).ToContainTextAsync("This is an earlier analysis.");
    }

    [Fact]
    public async Task A_rejection_needs_a_reason()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".actions");
        await page.ClickAsync("text=Reject…");
        await page.Locator(".decision button.primary").ClickAsync();
        Assert.True(await page.EvalOnSelectorAsync<bool>("textarea", "area => area.validity.valueMissing"));

        await page.FillAsync("textarea", "The carrier says otherwise.");
        await page.Locator(".decision button.primary").ClickAsync();
        await Expect(page.Locator(".title .badge.bad")).ToContainTextAsync("rejected");
        await Expect(page.Locator(".title")).ToContainTextAsync("The carrier says otherwise.");
    }

    [Fact]
    public async Task Who_asked_for_the_report_may_not_approve_it_where_four_eyes_are_wanted()
    {
        ExpectsRefusals = true;
        await using var host = await PageHost.StartAsync(configure: options => options.FourEyes = true);
        await host.PostAsync("/rca/analyze", $$"""{"incident_id":"{{PageHost.FirstId}}","engine":"trace","requested_by":"ann"}""");
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".actions");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await page.FillAsync("input[name=by]", "ann");
        await page.Locator(".decision button.primary").ClickAsync();

        await Expect(page.Locator(".outcome .failure")).ToContainTextAsync("an identity that is authenticated");
    }

    [Fact]
    public async Task A_replay_gives_its_verdict_and_where_it_first_diverges()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".actions");
        await page.GetByText("Replay", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator(".replay .badge.good")).ToContainTextAsync("Reproduced");
        await Expect(page.Locator(".replay")).ToContainTextAsync(new Regex("[0-9a-f]{64}"));

        await host.ChangeAsync("UPDATE spans SET attributes = replace(attributes, 'rate_limited', 'rate_limitxd') WHERE span_id = 'ord-20417-ship1'");
        await page.GetByText("Replay", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator(".replay .failure")).ToContainTextAsync("First divergence.");
    }

    [Fact]
    public async Task A_bundle_is_downloaded_and_verified_by_dropping_it_on_the_page()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".actions");
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("text=Download bundle"));
        Assert.Equal($"incident-{PageHost.FirstId}.zip", download.SuggestedFilename);
        var path = await download.PathAsync();

        var verify = await OpenAsync(host.Address + "/#verify", ".drop");
        await verify.SetInputFilesAsync("input[type=file]", path);
        await Expect(verify.Locator(".outcome .badge").First).ToContainTextAsync("Valid");
        await Expect(verify.Locator(".checks dt")).ToHaveCountAsync(5);
        await AssertAccessibleAsync(verify);

        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 1;
        ExpectsRefusals = true;
        await verify.SetInputFilesAsync("input[type=file]", new Microsoft.Playwright.FilePayload { Name = "changed.zip", MimeType = "application/zip", Buffer = bytes });
        await Expect(verify.Locator(".outcome .badge.bad, .outcome .failure").First).ToBeVisibleAsync();
        await Expect(verify.Locator(".outcome")).Not.ToContainTextAsync("Valid:");
    }

    [Fact]
    public async Task The_report_is_copied_as_Markdown()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".actions");
        await page.Keyboard.PressAsync("m");
        await Expect(page.Locator("[data-key=m]")).ToHaveTextAsync("Copied.");

        var markdown = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.StartsWith("# ", markdown, StringComparison.Ordinal);
        Assert.Contains("create", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_back_is_listed_with_its_incidents()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync(host.Address + "/#patterns", ".patterns li");

        await Expect(page.Locator(".patterns li.panel")).ToHaveCountAsync(3);
        await Expect(page.Locator(".patterns")).ToContainTextAsync("tool.call/carrier.create_shipment");
        await AssertAccessibleAsync(page);
    }
}
