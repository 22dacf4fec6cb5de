using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

public sealed class ImportTests(ChromiumBrowser browser) : PageTests(browser)
{
    private const string Drop = """
        text => {
          const files = new DataTransfer();
          files.items.add(new File([text], "run.json"));
          document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
        }
        """;

    [Fact]
    public async Task A_file_that_is_dropped_is_taken_in_and_leads_to_its_incident()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var page = await OpenAsync($"{host.Address}/", "rca-incidents");
        await page.EvaluateAsync(Drop, """[{"role":"user","content":"Hi"},{"role":"assistant","content":"<b>Hello</b>"},{"role":"oracle","content":"?"}]""");

        await Expect(page.Locator("dialog.import")).ToContainTextAsync("2 new spans");
        await Expect(page.Locator("dialog.import")).ToContainTextAsync("1 left out");
        await AssertAccessibleAsync(page);
        await page.ClickAsync("dialog.import a");
        await Expect(page.Locator("rca-incident")).ToContainTextAsync("imported_run");
    }

    [Theory]
    [InlineData("Enter")]
    [InlineData("Space")]
    public async Task A_file_is_chosen_with_the_keyboard_alone(string key)
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var page = await OpenAsync($"{host.Address}/", "rca-incidents");
        // Playwright begins to catch choosers when it is asked to, and does not say when it does: it is asked long before the key is pressed.
        var caught = new TaskCompletionSource<IFileChooser>(TaskCreationOptions.RunContinuationsAsynchronously);
        page.FileChooser += (_, opened) => caught.TrySetResult(opened);
        var button = page.GetByRole(AriaRole.Button, new() { Name = "Read a trace file…" });
        await button.WaitForAsync();
        await AssertAccessibleAsync(page);
        for (var i = 0; i < 20 && !await button.EvaluateAsync<bool>("button => button === document.activeElement"); i++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await Expect(button).ToBeFocusedAsync();
        await page.Keyboard.PressAsync(key);
        var chooser = await caught.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await chooser.SetFilesAsync(new FilePayload
        {
            Name = "run.json",
            MimeType = "application/json",
            Buffer = """[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]"""u8.ToArray(),
        });

        await Expect(page.Locator("dialog.import")).ToContainTextAsync("2 new spans");
    }

    [Fact]
    public async Task A_file_that_is_no_trace_is_refused_in_the_words_of_the_service()
    {
        ExpectsRefusals = true;
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var page = await OpenAsync($"{host.Address}/", "rca-incidents");
        await page.EvaluateAsync(Drop, "hello");

        await Expect(page.Locator("dialog.import .failure")).ToContainTextAsync("run.json is no trace of a known format.");
    }
}
