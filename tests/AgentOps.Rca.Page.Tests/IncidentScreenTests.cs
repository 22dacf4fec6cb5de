using System.Text.Json;
using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

public sealed class IncidentScreenTests(ChromiumBrowser browser) : PageTests(browser)
{
    private const string Unchanged = "Unchanged: both digests are the same.";

    [Fact]
    public async Task An_incident_opens_at_its_cause_with_what_it_rests_on()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".root-cause");

        await Expect(page.Locator("h1")).ToHaveTextAsync("A-20417");
        await Expect(page.Locator(".verdict .sure")).ToContainTextAsync("75 % confidence");
        await Expect(page.Locator(".rests .chip")).ToHaveCountAsync(5);
        await Expect(page.Locator(".todo li")).ToContainTextAsync("Honour Retry-After");
        await Expect(page.Locator(".gaps li")).ToHaveCountAsync(2);
        await Expect(page.Locator(".figures")).ToContainTextAsync("3,952 / 168");
        await Expect(page.Locator(".rest")).ToContainTextAsync("This failure was not seen before.");
        await Expect(page.Locator(".title time")).ToHaveAttributeAsync("title", "2026-03-12 17:15:00.412 UTC");
        await Expect(page.Locator(".title time")).ToHaveTextAsync(new Regex("12 Mar 2026, 18:15:00"));
    }

    [Fact]
    public async Task A_chip_opens_the_bytes_and_the_browser_computes_their_digest_again()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".chip");
        foreach (var id in new[] { "E2", "E5" })
        {
            await page.Locator($".rests .chip[data-evidence={id}]").ClickAsync();
            await Expect(page.Locator(".bytes-bar h2")).ToHaveTextAsync($"The bytes {id}");
            await Expect(page.Locator(".proof .badge")).ToHaveTextAsync(Text(Unchanged));
            await Expect(page.Locator(".digests")).ToContainTextAsync("computed in this browser");
            var digests = await page.Locator(".digests code").AllTextContentsAsync();
            Assert.Equal(2, digests.Count);
            Assert.Matches("^[0-9a-f]{64}$", digests[0]);
            Assert.Equal(digests[0], digests[1]);
        }

        await Expect(page.Locator(".excerpt mark")).ToHaveTextAsync(new Regex("^[0-9]+$"));
        await page.Locator(".proof button").ClickAsync();
        var deep = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.Matches($"#incident/{PageHost.FirstId}/span/ord-20417-ship7/bytes/[0-9]+-[0-9]+$", deep);
        var again = await OpenAsync(deep, ".excerpt mark");
        await Expect(again.Locator(".bytes-bar h2")).ToHaveTextAsync("The bytes E5");
    }

    [Fact]
    public async Task A_span_that_was_changed_behind_the_store_turns_its_mark_red()
    {
        await using var host = await PageHost.StartAsync();
        await host.ChangeAsync("UPDATE spans SET attributes = replace(attributes, 'rate_limited', 'rate_limitxd') WHERE span_id = 'ord-20417-ship1'");
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}/evidence/E1", ".proof .badge.bad");

        await Expect(page.Locator(".proof .badge")).ToHaveTextAsync(Text("Changed: the bytes are not those that were recorded."));
        await Expect(page.Locator(".digests")).ToContainTextAsync("computed in this browser");
        var digests = await page.Locator(".digests code").AllTextContentsAsync();
        Assert.NotEqual(digests[0], digests[1]);
    }

    [Fact]
    public async Task An_artifact_that_was_changed_on_the_disk_turns_its_mark_red()
    {
        ExpectsRefusals = true;
        await using var host = await PageHost.StartAsync();
        const string Incident = "6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a03";
        var evidence = JsonElement.Parse(await host.Client.GetStringAsync($"/incidents/{Incident}/evidence/E1")).GetProperty("source");
        var digest = evidence.GetProperty("artifact_digest").GetString()!;
        await host.ChangeAsync(
            $"UPDATE artifact_contents SET data = CAST(replace(CAST(data AS TEXT), '2025', '2026') AS BLOB) WHERE lower(hex(digest)) LIKE '%{digest[8..]}'");

        var page = await OpenAsync($"{host.Address}/#incident/{Incident}/evidence/E1", ".proof .badge.bad");
        await Expect(page.Locator(".proof .badge")).ToHaveTextAsync(Text("Changed: the bytes are not those that were recorded."));
        await Expect(page.Locator(".digests")).ToContainTextAsync(digest);
    }

    [Fact]
    public async Task What_looks_like_a_secret_is_shown_as_masked_and_why()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync("A-1");
        await host.PostAsync("/traces/spans", $$"""
            [{"span_id":"s1","tool":"tool.call/mail.send","start_ts":1767225604000,"end_ts":1767225605000,"incident_id":"{{incident}}",
              "attributes":{"status":"error","error.type":"timeout","error.message":"No answer for ana@example.org in time."} }]
            """);
        await host.AnalyzeAsync(incident);
        var page = await OpenAsync($"{host.Address}/#incident/{incident}/evidence/E1", ".excerpt");

        await Expect(page.Locator(".excerpt .masked").First).ToHaveTextAsync("[EMAIL_1]");
        await Expect(page.Locator("aside.bytes .note")).ToContainTextAsync("Parts that look like secrets or personal data are masked");
        await Expect(page.Locator(".proof .badge")).ToHaveTextAsync(Text(Unchanged));
        Assert.DoesNotContain("ana@example.org", await page.InnerTextAsync("body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_that_is_not_there_or_not_analysed_says_so()
    {
        ExpectsRefusals = true;
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var page = await OpenAsync($"{host.Address}/#incident/6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4aff", ".failure");
        await Expect(page.Locator("h1")).ToHaveTextAsync("This incident is not here.");

        var incident = await host.OpenAsync("A-1");
        var bare = await OpenAsync($"{host.Address}/#incident/{incident}", ".verdict.none");
        await Expect(bare.Locator(".verdict")).ToContainTextAsync("Not analysed yet");
    }

    // Marks have a shape before their words.
    private static Regex Text(string words) => new(Regex.Escape(words));
}
