using System.Diagnostics;
using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.AspNetCore.Tests.OpenTelemetry;

/// <summary>OpenTelemetry's exporters for JavaScript, as npm has them, against the real endpoints.</summary>
public sealed class JavaScriptExporterTests
{
    [Theory]
    [InlineData("proto")]
    [InlineData("http")]
    public async Task Every_span_event_and_log_arrives_once_and_means_the_same(string form)
    {
        await using var stores = await new InMemoryStoreBackend().CreateAsync();
        await using var host = new RestartableHost(stores);
        await host.StartAsync();

        var sent = await ExportAsync(host.Address, form, 50);

        await AssertArrivedOnceAsync(stores.Spans, sent, 50);
        var call = await FirstAsync(stores.Spans, new SpanQuery { Tool = "tool.call/book" });
        Assert.Equal("ERROR", call.Attributes.GetProperty("otel.status_code").GetString());
        Assert.Equal("no", SpanFailure.Read(call.Attributes)!.Message is { } said && said.Length > 0 ? call.Attributes.GetProperty("otel.status_description").GetString() : null);
        Assert.Equal("order-service", call.Attributes.GetProperty("resource").GetProperty("service.name").GetString());
        Assert.Equal("order-agent", call.Attributes.GetProperty("otel.scope.name").GetString());
        Assert.NotNull(call.ArgsDigest);
        Assert.Equal(["retry", "exception"], call.Attributes.GetProperty("events").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
        var run = await FirstAsync(stores.Spans, new SpanQuery { Tool = "agent.run/order-agent" });
        Assert.Equal(call.ParentId, (await stores.Spans.GetAsync(call.ParentId!))!.SpanId);
        Assert.Equal("""["a","b"]""", run.Attributes.GetProperty("tags").GetRawText());
        Assert.Equal(0.5, run.Attributes.GetProperty("share").GetDouble());
    }

    [Theory]
    [InlineData("proto")]
    [InlineData("http")]
    public async Task Every_span_event_and_log_arrives_once_when_the_host_is_restarted_meanwhile(string form)
    {
        await using var stores = await new InMemoryStoreBackend().CreateAsync();
        await using var host = new RestartableHost(stores);
        await host.StartAsync();
        var export = ExportAsync(host.Address, form, 300, pauseMilliseconds: 5);
        while (await stores.Spans.ListAsync(new SpanQuery { Limit = 1 }).CountAsync(TestContext.Current.CancellationToken) == 0)
        {
            if (export.IsCompleted)
            {
                await export;
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await host.StopAsync();
        await Task.Delay(300, TestContext.Current.CancellationToken);
        await host.StartAsync();

        await AssertArrivedOnceAsync(stores.Spans, await export, 300);
    }

    private static async Task AssertArrivedOnceAsync(ISpanStore spans, JsonElement sent, int count)
    {
        var stored = await spans.ListAsync(new SpanQuery()).ToListAsync(TestContext.Current.CancellationToken);
        var ids = sent.GetProperty("ids").EnumerateArray().Select(id => id.GetString()!).Order(StringComparer.Ordinal);
        Assert.Equal(ids, stored.Where(span => span.Tool != ToolNames.Log).Select(span => span.SpanId).Order(StringComparer.Ordinal));
        var logs = stored.Where(span => span.Tool == ToolNames.Log)
            .Select(span => span.Attributes.GetProperty("events")[0].GetProperty("message").GetString()!).Order(StringComparer.Ordinal);
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"booking {i} failed").Order(StringComparer.Ordinal), logs);
        Assert.All(stored.Where(span => span.Tool == "tool.call/book"), call => Assert.Equal(2, call.Attributes.GetProperty("events").GetArrayLength()));
    }

    private static async Task<Span> FirstAsync(ISpanStore spans, SpanQuery query) =>
        await spans.ListAsync(query with { Limit = 1 }).FirstAsync(TestContext.Current.CancellationToken);

    private static async Task<JsonElement> ExportAsync(Uri address, string form, int spans, int? pauseMilliseconds = null)
    {
        var directory = Path.Combine(Root(), "eng", "exporters");
        Requires(Directory.Exists(Path.Combine(directory, "node_modules", "@opentelemetry")),
            "OpenTelemetry's JavaScript exporters are not installed: npm install --prefix eng/exporters");
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        start.ArgumentList.Add("export.mjs");
        start.ArgumentList.Add(address.ToString().TrimEnd('/'));
        start.ArgumentList.Add(form);
        start.ArgumentList.Add(spans.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (pauseMilliseconds is { } pause)
        {
            start.ArgumentList.Add(pause.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"node ended with {process.ExitCode}: {await errors}");
        return JsonElement.Parse(output);
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "AgentOps.Rca.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return directory;
    }

    private static void Requires(bool met, string otherwise)
    {
        if (!met && Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1")
        {
            Assert.Fail(otherwise);
        }

        Assert.SkipUnless(met, otherwise);
    }
}
