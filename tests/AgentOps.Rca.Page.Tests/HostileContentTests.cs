using System.Text.Json;
using System.Text.Json.Nodes;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

public sealed class HostileContentTests(ChromiumBrowser browser) : PageTests(browser)
{
    private static readonly string[] Strings =
    [
        "<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", "\"><svg onload=window.hit=1>", "javascript:window.hit=1", "<a href=\"javascript:window.hit=1\">x</a>",
        "'-window.hit=1-'", "</bdi></main><iframe srcdoc='<script>parent.hit=1</script>'>", "<style>*{display:none}</style>", "{{constructor.constructor('window.hit=1')()}}",
        "${window.hit=1}", "<math><mi//xlink:href=\"data:x,<script>window.hit=1</script>\">", "<!--<img src=\"--><img src=x onerror=window.hit=1//\">", "\u202Egnp.exe", "\u2066\u2066\u2066 a \u2069",
        "&lt;img src=x onerror=window.hit=1&gt;", "<template><img src=x onerror=window.hit=1></template>", "<body onload=window.hit=1>", "data:text/html,<script>window.hit=1</script>", "😀👩‍👩‍👧", "שלום עולם",
        "<base href=//elsewhere.example/>", "<link rel=stylesheet href=//elsewhere.example/>", "<meta http-equiv=refresh content=0;url=//elsewhere.example/>", "<form action=//elsewhere.example/><button>", "\\u003cscript\\u003e",
    ];

    [Fact]
    public async Task Whatever_agents_say_is_text()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var spans = new JsonArray();
        var incident = await host.OpenAsync(Strings[0]);
        for (var i = 0; i < Strings.Length; i++)
        {
            spans.Add(new JsonObject
            {
                ["span_id"] = $"s{i}",
                ["tool"] = "tool.call/" + Strings[i],
                ["start_ts"] = 1767225600000 + (i * 1000),
                ["end_ts"] = 1767225600500 + (i * 1000),
                ["incident_id"] = incident,
                ["attributes"] = new JsonObject { ["status"] = "error", ["error.type"] = Strings[i], ["error.message"] = Strings[i], [Strings[i]] = Strings[i] },
            });
        }

        await host.PostAsync("/traces/spans", spans.ToJsonString());
        await host.AnalyzeAsync(incident);
        await host.PostAsync($"/incidents/{incident}/reject", JsonSerializer.Serialize(new { reason = Strings[1], rejected_by = "<b>ann</b>" }));
        foreach (var place in new[] { "", $"#incident/{incident}", $"#incident/{incident}/evidence/E1", $"#incident/{incident}/span/s1", "#patterns" })
        {
            var page = await OpenAsync($"{host.Address}/{place}", "h1");
            await page.WaitForLoadStateAsync(Microsoft.Playwright.LoadState.NetworkIdle);
            if (place.Length > 0 && place.Contains(incident, StringComparison.Ordinal))
            {
                await page.Locator(".rows li").First.WaitForAsync();
                await Expect(page.Locator("h1")).ToHaveTextAsync(Strings[0]);
                await page.ClickAsync("#tab-conversation");
                await page.Locator(".step").First.WaitForAsync();
            }

            Assert.Null(await page.EvaluateAsync<int?>("window.hit ?? null"));
            Assert.Equal(0, await page.Locator("main script, main iframe, main img, main svg, main style, main base, main meta, main link, main form[action], main math, [href^='javascript:'], [onerror], [onload]").CountAsync());
            Assert.NotEmpty(await page.Locator("main").InnerTextAsync());
            await page.CloseAsync();
        }
    }
}
