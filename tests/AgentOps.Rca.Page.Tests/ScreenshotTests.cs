using Microsoft.Playwright;

namespace AgentOps.Rca.Page.Tests;

/// <summary>Makes the pictures of the README: <c>AGENTOPS_SCREENSHOTS=docs/images</c> says where to.</summary>
public sealed class ScreenshotTests(ChromiumBrowser browser) : PageTests(browser)
{
    private const int MostBytes = 200 * 1024;

    [Theory]
    [InlineData(ColorScheme.Light, "page-light.png")]
    [InlineData(ColorScheme.Dark, "page-dark.png")]
    public async Task The_picture_of_an_incident_is_small(ColorScheme scheme, string name)
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync($"{host.Address}/#incident/{PageHost.FirstId}", ".proof .badge.good", width: 1120, scheme, height: 780);
        await page.Locator(".detail .words").First.WaitForAsync();
        await page.EvaluateAsync("scrollTo(0, 0)");
        var picture = await page.ScreenshotAsync();

        Assert.InRange(picture.Length, 20_000, MostBytes);
        if (Environment.GetEnvironmentVariable("AGENTOPS_SCREENSHOTS") is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
            await File.WriteAllBytesAsync(Path.Combine(directory, name), picture);
        }
    }
}
