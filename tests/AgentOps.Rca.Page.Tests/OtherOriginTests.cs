using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace AgentOps.Rca.Page.Tests;

/// <summary>A page of another origin, and one whose name was pointed at this machine, in a real browser.</summary>
public sealed class OtherOriginTests(ChromiumBrowser browser)
{
    private const string Key = "the-key-of-this-host-0123456789-abcdef";

    // What a page of elsewhere can have a browser send without being asked: no preflight goes before these.
    private const string Attack = """
        async (base) => {
          const sent = [];
          const tries = [
            ['POST', '/incidents/ID/approve', { mode: 'no-cors' }],
            ['POST', '/artifacts?mime=application/json', { mode: 'no-cors', body: new Blob(['planted']) }],
            ['POST', '/artifacts', { mode: 'no-cors', body: 'planted as text' }],
            ['POST', '/traces/spans', { mode: 'no-cors', body: '[]', headers: { 'Content-Type': 'text/plain' } }],
            ['POST', '/rca/session', { mode: 'no-cors', body: '{"key":"KEY"}', headers: { 'Content-Type': 'text/plain' } }],
            ['POST', '/bundles', { mode: 'no-cors', body: '{"incident_id":"ID"}' }],
            ['POST', '/incidents/ID/approve', { credentials: 'include', headers: { 'Content-Type': 'application/json', 'X-Api-Key': 'KEY' }, body: '{}' }],
            ['DELETE', '/rca/session', { credentials: 'include' }],
            ['GET', '/incidents', { credentials: 'include' }],
            ['GET', '/', { credentials: 'include' }],
            ['GET', '/incidents', { mode: 'no-cors', credentials: 'include' }],
          ];
          for (const [method, path, options] of tries) {
            try {
              const response = await fetch(base + path, { method, ...options });
              const text = await response.text();
              if (text && !text.includes('urn:agentops-rca:problem')) sent.push(`${method} ${path} read ${text.slice(0, 60)}`);
            } catch { /* the browser has kept it back */ }
          }
          const form = document.createElement('form');
          Object.assign(form, { method: 'post', action: base + '/incidents/ID/approve', target: 'frame' });
          const frame = document.createElement('iframe');
          frame.name = 'frame';
          document.body.append(frame, form);
          form.submit();
          await new Promise((done) => { frame.onload = done; setTimeout(done, 2000); });
          return sent;
        }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_of_another_origin_changes_nothing_and_reads_nothing(bool hasKey)
    {
        var arrived = new ConcurrentQueue<string>();
        await using var host = await PageHost.StartAsync(configure: options => options.ApiKey = hasKey ? Key : null, use: application => application.Use((context, next) =>
        {
            arrived.Enqueue(context.Request.Method);
            return next(context);
        }));
        await using var evil = await StartEvilAsync();
        await using var context = await (await browser.StartAsync()).NewContextAsync();
        var page = await context.NewPageAsync();
        if (hasKey)
        {
            // The person is signed in in the same browser.
            await page.GotoAsync(host.Address + "/");
            await page.FillAsync("dialog.key input", Key);
            await page.ClickAsync("dialog.key button");
            await page.Locator(".incident").First.WaitForAsync();
        }

        var before = await SnapshotAsync(host, hasKey);
        await page.GotoAsync(evil.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        arrived.Clear();
        var read = await page.EvaluateAsync<string[]>(Filled(), host.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        var more = await page.EvaluateAsync<string[]>(Filled(), host.Address);

        Assert.Empty(read);
        Assert.Empty(more);

        // They came to the host, from both of its names: seven that a browser sends without asking.
        Assert.InRange(arrived.Count(method => method == "POST"), 14, 16);
        Assert.Equal(before, await SnapshotAsync(host, hasKey));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_that_was_pointed_at_this_machine_changes_nothing_and_reads_nothing(bool hasKey)
    {
        await using var host = await PageHost.StartAsync(configure: options => options.ApiKey = hasKey ? Key : null);
        await using var chromium = await (await browser.StartAsync()).BrowserType.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = ChromiumBrowser.FindProgram(),
            // The host is tried, and not what newer browsers do against the same.
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--host-resolver-rules=MAP evil.example 127.0.0.1",
                "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights",
            ],
        });
        var page = await chromium.NewPageAsync();
        var before = await SnapshotAsync(host, hasKey);
        var own = $"http://evil.example:{new Uri(host.Address).Port}";
        await page.RouteAsync("**/attack", static route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = "<!doctype html><title>elsewhere</title>" }));
        await page.GotoAsync(own + "/attack");
        var read = await page.EvaluateAsync<string[]>("""
            async () => {
              const read = [];
              for (const path of ['/incidents', '/', '/incidents/ID', '/incidents/ID/full', '/traces/spans', '/rca/patterns', '/health/ready', '/bundles/public-keys']) {
                const response = await fetch(path, { headers: { Accept: 'application/json' } });
                const text = await response.text();
                if (/A-20417|carrier|SQLite|data\//.test(text)) read.push(`${path}: ${text.slice(0, 80)}`);
              }
              for (const [path, body] of [['/incidents/ID/approve', '{}'], ['/incidents', '{"problem_type":"planted"}'], ['/rca/analyze', '{"incident_id":"ID"}']]) {
                await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
              }
              return read;
            }
            """.Replace("ID", PageHost.FirstId, StringComparison.Ordinal));

        Assert.Empty(read);
        Assert.Equal(before, await SnapshotAsync(host, hasKey));
    }

    private static string Filled() => Attack.Replace("ID", PageHost.FirstId, StringComparison.Ordinal).Replace("KEY", "guess", StringComparison.Ordinal);

    private static async Task<WebApplication> StartEvilAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        application.MapGet("/", () => Results.Text("<!doctype html><title>elsewhere</title><body></body>", "text/html"));
        await application.StartAsync();
        return application;
    }

    private static async Task<string> SnapshotAsync(PageHost host, bool hasKey)
    {
        List<string> parts = [];
        foreach (var path in (string[])["/incidents?limit=all", $"/incidents/{PageHost.FirstId}/full", "/traces/spans?limit=1000"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (hasKey)
            {
                request.Headers.Add("X-Api-Key", Key);
            }

            using var response = await host.Client.SendAsync(request);
            parts.Add(await response.Content.ReadAsStringAsync());
            Assert.True(response.IsSuccessStatusCode, parts[^1]);
        }

        // The artifact that an attack would leave is asked for by its name.
        foreach (var planted in (string[])["planted", "planted as text"])
        {
            var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(planted)));
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/artifacts/{digest}");
            request.Headers.Add("X-Api-Key", Key);
            using var response = await host.Client.SendAsync(request);
            parts.Add(response.StatusCode.ToString());
        }

        return JsonSerializer.Serialize(parts);
    }
}
