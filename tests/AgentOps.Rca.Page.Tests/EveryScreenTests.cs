using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

/// <summary>Every screen and every action, on the incidents of the demonstration and on a recorded run of each framework.</summary>
public sealed class EveryScreenTests(ChromiumBrowser browser) : PageTests(browser)
{
    [Theory]
    [InlineData("6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01")]
    [InlineData("6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a02")]
    [InlineData("6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a03")]
    public async Task Of_the_demonstration(string incident)
    {
        await using var host = await PageHost.StartAsync();
        await WalkAsync(host, incident);
    }

    [Theory]
    [InlineData("maf-finish-length", "726371c6259b2409e8bd927c57e1c82a")]
    [InlineData("wf-executor-throws-swallowed", "edfb1245f823bf794396c47af1e0144d")]
    [InlineData("sk-argument-binding", "472755f80aa55d98d86611e0afb1e72f")]
    [InlineData("openai-agents-handoff-loop", "dbf71dc442d142505f59158c5526b891")]
    [InlineData("vercel-schema-violation", "8c61b3a5463f1f019f52eaaa7127e150")]
    [InlineData("mcp-is-error-ignored", "6c8517c7f1bf371472c7a58fc2b04a88")]
    [InlineData("langgraph-empty-search-invented", "ad989b1c27e360d79dd91c2f9686e259")]
    [InlineData("oi-openai-stale-cache", "453e6ea84d2e51ac9c4331284e0af53e")]
    [InlineData("traceloop-error-in-body", "c8fcc118672b83f55d6e1de57383d493")]
    [InlineData("mastra-hallucinated-id", "e6c66f2fe5d382247871c0f3f91b7fdb")]
    public async Task Of_a_framework(string name, string trace)
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        if (name == "maf-finish-length")
        {
            await host.SendRunsAsync(name + ".before");
        }

        await WalkAsync(host, await host.SendRecordedAsync(name, trace), hasGoodRuns: name == "maf-finish-length");
    }

    private async Task WalkAsync(PageHost host, string incident, bool hasGoodRuns = false)
    {
        var report = JsonElement.Parse(await host.Client.GetStringAsync($"/incidents/{incident}/reports"))[0];
        var page = await OpenAsync($"{host.Address}/", ".incident");
        await page.Locator($"a[href$='{incident}']").First.ClickAsync();

        // The cause, and each piece of evidence as bytes that this browser hashes.
        await page.Locator(".root-cause").WaitForAsync();
        await Expect(page.Locator(".verdict .badge").First).ToContainTextAsync(report.GetProperty("verdict").GetString() == "identified" ? "Cause found" : "The cause is not known");
        foreach (var evidence in report.GetProperty("evidence").EnumerateArray().Select(one => one.GetProperty("id").GetString()!).Take(4))
        {
            await page.EvaluateAsync("hash => location.hash = hash", $"#incident/{incident}/evidence/{evidence}");
            await Expect(page.Locator(".bytes-bar h2")).ToHaveTextAsync($"The bytes {evidence}");
            await Expect(page.Locator(".proof .badge.good")).ToContainTextAsync("Unchanged");
            await Expect(page.Locator(".digests")).ToContainTextAsync("computed in this browser");
        }

        // The run: drawn, searched, each of the first calls opened, told, and held against a good one.
        await page.Locator(".rows li").First.WaitForAsync();
        foreach (var span in await page.EvaluateAsync<string[]>("[...document.querySelectorAll('.rows li')].slice(0, 8).map(row => row.dataset.span)"))
        {
            await page.Locator($".rows li[data-span='{span}'] button").ClickAsync();
            await Expect(page.Locator(".detail .where")).ToContainTextAsync(span);
            Assert.Contains(Uri.EscapeDataString(span), page.Url, StringComparison.Ordinal);
        }

        await AssertAccessibleAsync(page);
        await page.FillAsync(".run-search input", "call");
        await Expect(page.Locator(".run-search [role=status]")).ToHaveTextAsync(new Regex("of|nothing"));
        await page.ClickAsync("#tab-conversation");
        await Expect(page.Locator("rca-conversation .foot").Last).ToHaveTextAsync(new Regex("The run ends here|hold no steps"));
        await AssertAccessibleAsync(page);
        await page.ClickAsync("#tab-compare");
        await Expect(page.Locator("rca-good-runs p")).ToHaveTextAsync(new Regex(hasGoodRuns ? "Good runs of the same agent" : "good run"));

        // What a person does.
        await page.GetByText("Replay", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator(".replay .badge.good")).ToContainTextAsync("Reproduced");
        await page.Keyboard.PressAsync("x");
        await page.FillAsync("textarea", "Not so.");
        await page.Locator(".decision button.primary").ClickAsync();
        await Expect(page.Locator(".title .badge.bad")).ToContainTextAsync("rejected");
        await page.Keyboard.PressAsync("a");
        await page.Locator(".decision button.primary").ClickAsync();
        await Expect(page.Locator(".outcome")).ToContainTextAsync("The new report is stored.");
        await page.Keyboard.PressAsync("y");
        await page.FillAsync("input[name=by]", "Ann");
        await page.Locator(".decision button.primary").ClickAsync();
        await Expect(page.Locator(".title .badge.good")).ToContainTextAsync("approved");
        await page.Keyboard.PressAsync("m");
        await Expect(page.Locator("[data-key=m]")).ToHaveTextAsync("Copied.");
        var download = await page.RunAndWaitForDownloadAsync(() => page.Keyboard.PressAsync("b"));
        await AssertPolicyKeptAsync(page);

        if (hasGoodRuns)
        {
            await page.Locator("rca-good-runs a").First.ClickAsync();
            await Expect(page.Locator("rca-compare .root-cause")).Not.ToBeEmptyAsync();
            await Expect(page.Locator("rca-compare .pair-row").First).ToBeVisibleAsync();
            await AssertAccessibleAsync(page);
        }

        await DropAsync(page, await File.ReadAllBytesAsync(await download.PathAsync()));
        await Expect(page.Locator(".outcome .badge").First).ToContainTextAsync("Valid");
        await page.EvaluateAsync("location.hash = '#patterns'");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Patterns");
        await page.Locator("rca-patterns .foot:not(:empty)").WaitForAsync();
        await AssertPolicyKeptAsync(page);

        var narrow = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li", width: 390, scheme: ColorScheme.Dark, height: 844);
        await narrow.Locator(".title .badge").First.WaitForAsync();
        await AssertAccessibleAsync(narrow);
        await AssertFitsAsync(narrow);
    }

    // As a hand does it: a file from outside, let go over the page.
    private static async Task DropAsync(IPage page, byte[] bundle)
    {
        await page.EvaluateAsync("location.hash = '#verify'");
        await page.Locator(".drop").WaitForAsync();
        await page.EvaluateAsync(
            """
            base64 => {
              const data = new DataTransfer();
              data.items.add(new File([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], "incident.zip", { type: "application/zip" }));
              const zone = document.querySelector(".drop");
              const over = new DragEvent("dragover", { dataTransfer: data, bubbles: true, cancelable: true });
              zone.dispatchEvent(over);
              if (!over.defaultPrevented || !zone.classList.contains("over")) throw new Error("The page takes no files.");
              zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            }
            """,
            Convert.ToBase64String(bundle));
    }
}
