using AgentOps.Rca.Page.Tests;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(ChromiumBrowser))]

namespace AgentOps.Rca.Page.Tests;

/// <summary>One browser for all tests. It is the machine's own: nothing is downloaded.</summary>
public sealed class ChromiumBrowser : IAsyncDisposable
{
    // The shell without windows first, the same engine: the whole browser makes a window with a toolbar, itself pages, for every context.
    private static readonly string[] Places = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // Without these it asks for hosts of its maker at every start.
    private static readonly string[] Quiet =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage",
    ];

    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Where the machine has it, or null.</summary>
    public static string? FindProgram() => Environment.GetEnvironmentVariable("AGENTOPS_CHROMIUM") ?? Array.Find(Places, File.Exists);

    /// <summary>Starts it, or skips the test that needs it where there is none.</summary>
    public async Task<IBrowser> StartAsync()
    {
        var path = FindProgram();
        Assert.SkipUnless(
            path is not null || Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", "This test needs chromium; ./test.sh installs it.");
        Assert.True(path is not null, "This test needs chromium; ./test.sh installs it.");
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            Assertions.SetDefaultExpectTimeout(20_000);
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Quiet, Timeout = 120_000 });
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _starting.Dispose();
    }
}
