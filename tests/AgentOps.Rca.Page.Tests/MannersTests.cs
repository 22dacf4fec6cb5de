using Microsoft.AspNetCore.Builder;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

public sealed class MannersTests(ChromiumBrowser browser) : PageTests(browser)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task No_screen_keeps_anybody_out_or_is_wider_than_its_window(ColorScheme scheme, int width)
    {
        await using var host = await PageHost.StartAsync();
        foreach (var (place, until) in new[]
        {
            ("", ".incident"), ($"#incident/{PageHost.FirstId}", ".rows li"), ($"#incident/{PageHost.FirstId}/evidence/E2", ".proof .badge.good"),
            ($"#incident/{PageHost.FirstId}/step/ord-20417-ship1", ".step"), ("#patterns", ".patterns li"), ("#verify", ".drop"),
        })
        {
            var page = await OpenAsync($"{host.Address}/{place}", until, width, scheme);
            await AssertAccessibleAsync(page);
            await AssertFitsAsync(page);
            await page.CloseAsync();
        }
    }

    // What the tests of all screens rest on.
    [Fact]
    public async Task What_keeps_somebody_out_is_noticed()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync(host.Address + "/", ".incident");
        await page.EvaluateAsync("document.querySelector('main').append(Object.assign(document.createElement('input'), { type: 'text' }))");
        var noticed = await Assert.ThrowsAsync<Xunit.Sdk.TrueException>(() => AssertAccessibleAsync(page));
        Assert.Contains("label: Form elements must have labels", noticed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_is_done_from_the_keyboard_and_a_question_mark_lists_how()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync(host.Address + "/", ".incident");
        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("dialog.help kbd").First).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);

        await page.Keyboard.PressAsync("/");
        await Expect(page.Locator("input[name=q]")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("A-20417");
        await page.Locator(".proof .badge.good").WaitForAsync();
        await page.Keyboard.PressAsync("e");
        await Expect(page.Locator(".bytes-bar h2")).ToHaveTextAsync("The bytes E2");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("p");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Patterns");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("i");
        await Expect(page.Locator(".incident")).ToHaveCountAsync(3);
    }

    [Theory]
    [InlineData("root", "/")]
    [InlineData("prefix", "/rca")]
    [InlineData("prefix", "/rca/")]
    [InlineData("base", "/tools/")]
    [InlineData("base", "/tools")]
    [InlineData("beside", "/people/ui")]
    public async Task It_works_wherever_it_is_mapped(string where, string path)
    {
        await using var host = await PageHost.StartAsync(
            map: endpoints =>
            {
                _ = where is "prefix" or "beside" ? endpoints.MapAgentOpsRca("/rca") : endpoints.MapAgentOpsRca();
                if (where == "beside")
                {
                    endpoints.MapAgentOpsRcaPage("/people/ui", "/rca");
                }
            },
            use: application => application.UsePathBase(where == "base" ? "/tools" : ""));
        var page = await OpenAsync($"{host.Address}{path}#incident/{PageHost.FirstId}/evidence/E1", ".proof .badge.good");

        await Expect(page.Locator(".root-cause")).ToContainTextAsync("rate limit was exceeded");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("i");
        await Expect(page.Locator(".incident")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task A_service_with_a_key_is_asked_with_it_and_the_key_is_in_no_address()
    {
        ExpectsRefusals = true;
        await using var host = await PageHost.StartAsync(configure: options => options.ApiKey = "the-key-of-this-test");
        List<string> addresses = [];
        var page = await OpenAsync(host.Address + "/", "dialog.key input");
        page.Request += (_, request) => addresses.Add(request.Url);
        await page.FillAsync("dialog.key input", "wrong");
        await page.ClickAsync("dialog.key button");
        await Expect(page.Locator("dialog.key")).ToContainTextAsync("did not accept this key");
        await AssertAccessibleAsync(page);
        await page.FillAsync("dialog.key input", "the-key-of-this-test");
        await page.ClickAsync("dialog.key button");

        await Expect(page.Locator(".incident")).ToHaveCountAsync(3);
        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.DoesNotContain("the-key", address, StringComparison.Ordinal));
        Assert.DoesNotContain("the-key", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_printed_incident_is_a_post_mortem()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".proof .badge.good");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });

        await Expect(page.Locator(".root-cause")).ToBeVisibleAsync();
        await Expect(page.Locator(".digests")).ToBeVisibleAsync();
        await Expect(page.Locator(".actions")).ToBeHiddenAsync();
        await Expect(page.Locator(".bar")).ToBeHiddenAsync();
        Assert.NotEmpty(await page.PdfAsync());
    }
}
