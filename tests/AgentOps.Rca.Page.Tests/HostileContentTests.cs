using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

public sealed class HostileContentTests(ChromiumBrowser browser) : PageTests(browser)
{
    private const long Start = 1767225600000;
    private const string Made = "main script, main iframe, main img, main svg, main style, main base, main meta, main link, main object, main embed, main form[action], main math, main template, main rca-app, main [href^='javascript:' i], main [style*='url' i], main [onerror], main [onload], main [onclick]";

    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static IReadOnlyList<string> Strings => HostileStrings.All;

    [Fact]
    public void There_are_two_hundred_of_them()
    {
        Assert.Equal(Strings.Count, Strings.Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(Strings.Count, 200, 400);
    }

    [Fact]
    public async Task Names_arguments_results_and_ids_of_a_run_are_text()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync(Strings[0], Strings[1]);
        await host.PostAsync("/traces/spans", (await SpansAsync(host, incident)).ToJsonString());
        await host.AnalyzeAsync(incident);
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li");
        await Expect(page.Locator("h1")).ToHaveTextAsync(Strings[0]);

        // Row by row: only those in view exist.
        var told = new StringBuilder();
        for (var row = 0; row < Strings.Count; row += 10)
        {
            await page.EvaluateAsync("row => document.querySelector('.rows').scrollTop = row * 28", row);
            await page.WaitForFunctionAsync("row => document.querySelector(`.rows li[aria-posinset='${row + 1}']`)", row);
            told.Append(await page.EvalOnSelectorAsync<string>(".rows", "rows => rows.textContent + [...rows.querySelectorAll('li')].map(row => row.dataset.span).join('\\n')"));
        }

        AssertSays(told.ToString(), Strings);
        await AssertHarmlessAsync(page);

        await page.ClickAsync("#tab-conversation");
        await page.Locator(".step").First.WaitForAsync();
        for (var i = 0; i < 60 && await page.Locator(".step").CountAsync() < Strings.Count + 1; i++)
        {
            await page.EvaluateAsync("document.querySelector('rca-conversation .foot:last-child').scrollIntoView()");
            await page.WaitForTimeoutAsync(100);
        }

        var conversation = await page.EvalOnSelectorAsync<string>(".steps", "steps => steps.textContent");
        AssertSays(conversation, Strings);
        AssertSays(conversation, Strings.Select(text => "as an argument " + text));
        AssertSays(conversation, Strings.Select(text => "as a result " + text));
        await AssertHarmlessAsync(page);
        await AssertAccessibleAsync(page);
    }

    [Fact]
    public async Task Panels_of_calls_and_addresses_with_any_id_are_text()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var incident = await host.OpenAsync("ids");
        await host.PostAsync("/traces/spans", (await SpansAsync(host, incident)).ToJsonString());
        var page = await OpenAsync($"{host.Address}/#incident/{incident}", ".rows li");
        for (var i = 0; i < Strings.Count; i += 9)
        {
            var id = Id(i);
            await page.EvaluateAsync("([incident, id]) => location.hash = `#incident/${incident}/span/${encodeURIComponent(id)}`", new[] { incident, id });
            await Expect(page.Locator(".detail .where dd code").First).ToHaveTextAsync(id);
            await Expect(page.Locator(".rows button[aria-pressed=true]")).ToHaveCountAsync(1);
            await page.Locator(".detail details summary").Last.ClickAsync();
            AssertSays(await page.Locator(".detail").EvaluateAsync<string>("detail => detail.textContent"), [Strings[i]]);
        }

        await page.FillAsync(".run-search input", Strings[0]);
        await Expect(page.Locator(".run-search")).ToContainTextAsync("1 of");
        await AssertHarmlessAsync(page);
    }

    [Fact]
    public async Task Subjects_reports_notes_and_names_of_people_are_text()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        for (var i = 0; i < Strings.Count; i += 8)
        {
            var incident = await host.OpenAsync(Strings[i], Strings[(i + 1) % Strings.Count]);
            var text = Strings[i];
            await host.PostAsync("/traces/spans", new JsonArray(new JsonObject
            {
                ["span_id"] = $"{i}",
                ["tool"] = "tool.call/" + text,
                ["start_ts"] = Start,
                ["end_ts"] = Start + 1,
                ["incident_id"] = incident,
                ["attributes"] = new JsonObject { ["status"] = "error", ["error.type"] = text, ["error.message"] = text },
            }).ToJsonString());
            await host.AnalyzeAsync(incident);
            await host.PostAsync($"/incidents/{incident}/reject", JsonSerializer.Serialize(new { reason = "because " + text, rejected_by = "by " + text.Trim() }));
            var page = await OpenAsync($"{host.Address}/#incident/{incident}/evidence/E1", ".proof .badge.good");
            await page.Locator(".title .badge.bad").WaitForAsync();
            await page.Locator(".rows li").First.WaitForAsync();
            var told = await page.EvaluateAsync<string>("document.querySelector('main').textContent");
            AssertSays(told, [text, "because " + text, "by " + text.Trim(), Strings[(i + 1) % Strings.Count]]);
            await AssertHarmlessAsync(page);
            await page.CloseAsync();
        }

        foreach (var place in new[] { "", "#patterns", "#incidents?q=" + Uri.EscapeDataString(Strings[0]), "#incidents?tool=" + Uri.EscapeDataString("tool.call/" + Strings[2]), "#" + Uri.EscapeDataString(Strings[3]), "#incident/" + Strings[0] })
        {
            ExpectsRefusals = place.StartsWith("#incident/", StringComparison.Ordinal);
            var page = await OpenAsync($"{host.Address}/{place}", "h1");
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await AssertHarmlessAsync(page);
            await page.CloseAsync();
        }
    }

    private static string Id(int i) => $"{i} {Strings[i]}";

    // A string's spaces and breaks are a browser's own matter, and so is how JSON escapes it.
    private static string Plain(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c) && !char.IsControl(c)));

    private static void AssertSays(string told, IEnumerable<string> texts)
    {
        var plain = Plain(told);
        var missing = texts.Where(text => !plain.Contains(Plain(text), StringComparison.Ordinal) && !plain.Contains(Plain(Escaped(text)), StringComparison.Ordinal)).ToList();
        Assert.True(missing.Count == 0, $"{missing.Count} are not shown as they are:\n{string.Join('\n', missing.Take(10))}");
    }

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static async Task AssertHarmlessAsync(IPage page)
    {
        Assert.Null(await page.EvaluateAsync<int?>("window.hit ?? null"));
        Assert.Equal(0, await page.Locator(Made).CountAsync());
        Assert.NotEmpty(await page.Locator("main").InnerTextAsync());
        await AssertPolicyKeptAsync(page);
    }

    private static async Task<JsonArray> SpansAsync(PageHost host, string incident)
    {
        var spans = new JsonArray(new JsonObject
        {
            ["span_id"] = "run",
            ["tool"] = "agent.run/" + Strings[0],
            ["start_ts"] = Start,
            ["end_ts"] = Start + 1_000_000,
            ["incident_id"] = incident,
            ["attributes"] = new JsonObject { ["service.name"] = Strings[1] },
        });
        for (var i = 0; i < Strings.Count; i++)
        {
            spans.Add(new JsonObject
            {
                ["span_id"] = Id(i),
                ["parent_id"] = "run",
                ["tool"] = "tool.call/" + Strings[i],
                ["start_ts"] = Start + (i * 1000),
                ["end_ts"] = Start + 500 + (i * 1000),
                ["incident_id"] = incident,
                ["args_digest"] = await host.StoreAsync(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { [Strings[i].Length < 60 && !Strings[i].Contains("passwd", StringComparison.Ordinal) ? Strings[i] : "given"] = "as an argument " + Strings[i] }, Unescaped)),
                ["result_digest"] = await host.StoreAsync(Encoding.UTF8.GetBytes("as a result " + Strings[i]), "text/plain"),
                ["attributes"] = new JsonObject { ["status"] = i % 3 == 0 ? "error" : "ok", ["error.type"] = i % 3 == 0 ? Strings[i] : null, ["error.message"] = i % 3 == 0 ? Strings[i] : null, [Strings[i]] = Strings[i] },
            });
        }

        return spans;
    }
}
