using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace AgentOps.Rca.Page.Tests;

/// <summary>What the tests of all screens share: a page whose console must stay empty.</summary>
public abstract class PageTests(ChromiumBrowser browser) : IAsyncDisposable
{
    private static readonly string AxeScript = new BundledAxeScriptProvider().GetScript();

    private readonly List<string> _complaints = [];
    private readonly List<IBrowserContext> _contexts = [];
    private readonly List<IAsyncDisposable> _owned = [];

    /// <summary>The browser of all tests.</summary>
    protected ChromiumBrowser Browser { get; } = browser;

    /// <summary>Failed requests that a test expects show up in the console, which the browser writes by itself.</summary>
    protected bool ExpectsRefusals { get; set; }

    /// <summary>Opens a page and waits until what it names is there.</summary>
    protected async Task<IPage> OpenAsync(string address, string? until = null, int width = 1280, ColorScheme scheme = ColorScheme.Light, int height = 860)
    {
        var started = await Browser.StartAsync();
        var context = await started.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            TimezoneId = "Europe/Amsterdam",
            Locale = "en-GB",
            AcceptDownloads = true,
            Permissions = ["clipboard-read", "clipboard-write"],
            ReducedMotion = ReducedMotion.Reduce,
        });
        _contexts.Add(context);
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            // The host of a test goes before its page does.
            if (message.Type is "error" or "warning"
                && !message.Text.Contains("net::ERR_CONNECTION", StringComparison.Ordinal)
                && !message.Text.Contains("net::ERR_EMPTY_RESPONSE", StringComparison.Ordinal)
                && !(ExpectsRefusals && message.Text.Contains("Failed to load resource", StringComparison.Ordinal)))
            {
                _complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Add(error);
        await page.AddInitScriptAsync("window.refusals = []; addEventListener('securitypolicyviolation', event => window.refusals.push(event.violatedDirective + ' ' + event.blockedURI));");
        page.Response += (_, response) =>
        {
            if (response.Status >= 500)
            {
                _complaints.Add($"{response.Request.Method} {response.Url} was answered with {response.Status}.");
            }
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(new Uri(address).GetLeftPart(UriPartial.Authority), StringComparison.Ordinal) && !Regex.IsMatch(request.Url, "^(data|blob):"))
            {
                _complaints.Add($"It asked for {request.Url}.");
            }
        };
        await page.GotoAsync(address);
        if (until is not null)
        {
            await page.Locator(until).First.WaitForAsync();
        }

        return page;
    }

    /// <summary>
    /// Asserts that nobody is kept out: no rule of axe is broken. It runs in the page itself, which has no frames: the package's own way opens a window for each
    /// look, which takes longer than all the rest.
    /// </summary>
    protected static async Task AssertAccessibleAsync(IPage page)
    {
        await page.EvaluateAsync(AxeScript);
        var broken = await page.EvaluateAsync<string[]>(
            """
            async () => (await axe.run(document, { resultTypes: ["violations"] })).violations.flatMap(rule =>
                rule.nodes.map(node => `${rule.id}: ${rule.help} ${node.html} ${node.any.map(check => check.message).join(" ")}`))
            """);
        Assert.True(broken.Length == 0, string.Join('\n', broken));
    }

    /// <summary>Asserts that the browser has refused nothing because of the policy.</summary>
    protected static async Task AssertPolicyKeptAsync(IPage page) => Assert.Equal("", await page.EvaluateAsync<string>("window.refusals.join()"));

    /// <summary>Asserts that nothing is wider than the window.</summary>
    protected static async Task AssertFitsAsync(IPage page) =>
        Assert.Equal(0, await page.EvaluateAsync<int>("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"));

    /// <summary>Has something disposed after the pages that use it.</summary>
    protected void Own(IAsyncDisposable owned) => _owned.Add(owned);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        GC.SuppressFinalize(this);
        Assert.True(_complaints.Count == 0, string.Join('\n', _complaints));
    }
}
