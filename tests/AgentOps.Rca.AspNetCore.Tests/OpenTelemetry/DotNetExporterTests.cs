using System.Diagnostics;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AgentOps.Rca.AspNetCore.Tests.OpenTelemetry;

/// <summary>OpenTelemetry's exporter for .NET against the real endpoint.</summary>
public sealed class DotNetExporterTests
{
    [Fact]
    public async Task Every_span_and_event_arrives_once()
    {
        await using var stores = await new InMemoryStoreBackend().CreateAsync();
        await using var host = new RestartableHost(stores);
        await host.StartAsync();
        using var source = new ActivitySource("once." + Guid.CreateVersion7());
        List<string> sent;
        using (Export(host.Address, source.Name))
        {
            sent = [.. Enumerable.Range(0, 500).Select(i => Emit(source, i))];
        }

        await AssertArrivedOnceAsync(stores.Spans, sent);
        var call = await stores.Spans.GetAsync(sent[7], TestContext.Current.CancellationToken);
        Assert.Equal("tool.call/book", call!.Tool);
        Assert.Equal("order-service", call.Attributes.GetProperty("resource").GetProperty("service.name").GetString());
        Assert.Equal(7, call.Attributes.GetProperty("step").GetInt32());
        Assert.NotNull(call.ArgsDigest);
        Assert.True(EpochUnit.ToNanoseconds(call.StartTs) > 1_700_000_000_000_000_000);
    }

    [Fact]
    public async Task Every_span_and_event_arrives_once_when_the_host_is_restarted_meanwhile()
    {
        await using var stores = await new InMemoryStoreBackend().CreateAsync();
        await using var host = new RestartableHost(stores);
        await host.StartAsync();
        using var source = new ActivitySource("restart." + Guid.CreateVersion7());
        List<string> sent = [];
        using (Export(host.Address, source.Name))
        {
            for (var i = 0; i < 600; i++)
            {
                sent.Add(Emit(source, i));
                if (i == 200)
                {
                    await host.StopAsync();
                }
                else if (i == 400)
                {
                    await host.StartAsync();
                }

                if (i % 20 == 0)
                {
                    await Task.Delay(20, TestContext.Current.CancellationToken);
                }
            }
        }

        await AssertArrivedOnceAsync(stores.Spans, sent);
    }

    private static string Emit(ActivitySource source, int i)
    {
        using var activity = source.StartActivity("execute_tool book")!;
        activity.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", "book").SetTag("step", i)
            .SetTag("gen_ai.tool.call.arguments", $$"""{"order":{{i}}}""");
        activity.AddEvent(new ActivityEvent("first", tags: new ActivityTagsCollection { ["n"] = i }));
        activity.AddException(new InvalidOperationException($"no {i}"));
        return $"{activity.TraceId}:{activity.SpanId}";
    }

    // The exporter keeps what it could not send only when it is told to; that is its own setting.
    private static TracerProvider Export(Uri address, string source) => Sdk.CreateTracerProviderBuilder()
        .ConfigureServices(services => services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection([new("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory")]).Build()))
        .ConfigureResource(resource => resource.Clear().AddService("order-service"))
        .AddSource(source)
        .AddOtlpExporter(options =>
        {
            options.Endpoint = new Uri(address, "/v1/traces");
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            options.TimeoutMilliseconds = 60_000;
            options.BatchExportProcessorOptions.ScheduledDelayMilliseconds = 50;
            options.BatchExportProcessorOptions.MaxExportBatchSize = 20;
            options.BatchExportProcessorOptions.MaxQueueSize = 10_000;
        })
        .Build();

    private static async Task AssertArrivedOnceAsync(ISpanStore spans, List<string> sent)
    {
        var stored = await spans.ListAsync(new SpanQuery()).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(sent.Order(StringComparer.Ordinal), stored.Select(span => span.SpanId).Order(StringComparer.Ordinal));
        Assert.All(stored, span => Assert.Equal(
            ["first", "exception"], span.Attributes.GetProperty("events").EnumerateArray().Select(item => item.GetProperty("name").GetString())));
    }
}
