using System.Diagnostics.Metrics;
using AgentOps.Rca.Retention;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Telemetry;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Retention;

public sealed class RetentionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_spans_of_every_unit_go_and_young_ones_and_those_of_incidents_stay()
    {
        var services = new ServiceCollection();
        services.AddMetrics().AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
        services.AddAgentOpsRca().UseInMemory().DropBaselineAfter(TimeSpan.FromDays(7), options => options.Pause = TimeSpan.Zero);
        await using var provider = services.BuildServiceProvider();
        var spans = provider.GetRequiredService<ISpanStore>();
        var cutoff = Now - TimeSpan.FromDays(7);
        foreach (var (unit, perSecond) in new (string, long)[] { ("s", 1), ("ms", 1_000), ("us", 1_000_000), ("ns", 1_000_000_000) })
        {
            var edge = cutoff.ToUnixTimeSeconds() * perSecond;
            await spans.AddAsync(
                [
                    .. Enumerable.Range(1, 50).Select(i => Samples.Span($"{unit}-old-{i}", edge - (i * perSecond))),
                    Samples.Span($"{unit}-young", edge), Samples.Span($"{unit}-incident", edge - perSecond, incidentId: "i"),
                ],
                Token);
        }

        var service = Assert.Single(provider.GetServices<IHostedService>().OfType<RetentionService>());
        using var meters = new CountListener(provider.GetRequiredService<IMeterFactory>());
        Assert.Equal(200, await service.SweepAsync(Token));
        Assert.Equal(0, await service.SweepAsync(Token));
        Assert.Equal((RcaTelemetry.DeletedBaselineSpans, 200L), Assert.Single(meters.Totals));

        var left = await spans.ListAsync(new SpanQuery()).Select(span => span.SpanId).Order().ToListAsync(Token);
        Assert.Equal(["ms-incident", "ms-young", "ns-incident", "ns-young", "s-incident", "s-young", "us-incident", "us-young"], left);
    }

    [Fact]
    public void Nothing_is_dropped_unless_it_is_asked_for()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory();
        using var provider = services.BuildServiceProvider();

        Assert.Empty(provider.GetServices<IHostedService>().OfType<RetentionService>());
    }

    [Fact]
    public void An_age_that_is_too_short_stops_the_start()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory().DropBaselineAfter(TimeSpan.FromSeconds(5));
        using var provider = services.BuildServiceProvider();

        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<RetentionOptions>>().Value);
    }
}
