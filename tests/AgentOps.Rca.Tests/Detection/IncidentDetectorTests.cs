using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tests.Detection;

public sealed class IncidentDetectorTests
{
    private const long Start = 1_767_225_600_000_000_000;
    private const long Second = 1_000_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"otel.status_code":"ERROR"}""", "agent_error")]
    [InlineData("""{"agentops.deadline":"2026-01-01T00:00:05Z"}""", "deadline_missed")]
    [InlineData("""{"agentops.deadline":1767225605}""", "deadline_missed")]
    [InlineData("""{"agentops.deadline":"2026-01-01T00:01:00Z"}""", null)]
    [InlineData("""{"status":"ok"}""", null)]
    public async Task A_run_that_breaks_a_rule_opens_one_incident(string attributes, string? problem)
    {
        await using var services = Services();
        await AddAsync(services, Run(attributes));

        await JudgeAsync(services);
        await JudgeAsync(services);

        var incidents = await services.GetRequiredService<IIncidentStore>().ListAsync(new IncidentQuery()).ToListAsync(Token);
        Assert.Equal(problem, incidents.SingleOrDefault()?.ProblemType);
        var linked = await services.GetRequiredService<ISpanStore>()
            .ListAsync(new SpanQuery { IncidentId = IncidentOpening.IdOf("t:run").ToString("D"), IsEvidence = true }).CountAsync(Token);
        Assert.Equal(problem is null ? 0 : 3, linked);
    }

    [Theory]
    [InlineData("duration", "agent_slow")]
    [InlineData("tokens", "agent_tokens")]
    [InlineData("cost", "agent_cost")]
    [InlineData("loop", "agent_loop")]
    [InlineData("own", "mine")]
    public async Task Every_limit_is_a_rule(string limit, string problem)
    {
        await using var services = Services(options =>
        {
            options.MaxDuration = limit == "duration" ? TimeSpan.FromSeconds(9) : TimeSpan.FromSeconds(10);
            options.MaxTokens = limit == "tokens" ? 99 : 100;
            options.MaxCostUsd = limit == "cost" ? 0.4m : 0.5m;
            options.MaxRepeats = limit == "loop" ? 1 : 2;
            if (limit == "own")
            {
                options.Rules.Add(new OwnRule());
            }
        });
        await AddAsync(services, Run("""{"order.id":"order-7"}"""));

        await JudgeAsync(services);

        var incident = await services.GetRequiredService<IIncidentStore>().ListAsync(new IncidentQuery()).SingleAsync(Token);
        Assert.Equal((problem, "order-7"), (incident.ProblemType, incident.OrderId));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 10, TimeSpan.Zero), incident.CreatedTs);
        Assert.Equal(1, incident.Details.GetProperty("findings").GetArrayLength());
    }

    [Fact]
    public async Task Spans_that_are_stored_are_judged_analysed_and_told_in_the_background()
    {
        var told = new TaskCompletionSource<DetectedIncident>();
        await using var services = Services(options =>
        {
            options.Analyze = true;
            options.Settle = TimeSpan.Zero;
            options.OnDetected = (detected, _) =>
            {
                told.TrySetResult(detected);
                return ValueTask.CompletedTask;
            };
        });
        var detector = services.GetRequiredService<IncidentDetector>();
        await detector.StartAsync(Token);
        var run = Run("""{"otel.status_code":"ERROR","otel.status_description":"no"}""");
        await AddAsync(services, run);
        foreach (var observer in services.GetServices<ISpanObserver>())
        {
            observer.OnStored(run);
        }

        var detected = await told.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        await detector.StopAsync(Token);

        Assert.Equal(IncidentOpening.IdOf("t:run"), detected.Incident.Id);
        Assert.Equal(detected.Incident.Id, detected.Report!.IncidentId);
        Assert.Equal("t:run", detected.RunSpanId);
    }

    [Fact]
    public async Task A_start_finds_runs_that_ended_while_no_host_was_there()
    {
        await using var services = Services(options =>
        {
            options.Settle = TimeSpan.Zero;
            options.LookBack = TimeSpan.FromDays(1);
        });
        var now = EpochUnit.FromInstant(TimeProvider.System.GetUtcNow());
        await AddAsync(services, [Samples.Span("t:run", now - Second, "agent.run/a", attributes: """{"error":true}""")]);
        var detector = services.GetRequiredService<IncidentDetector>();

        await detector.StartAsync(Token);

        var incidents = services.GetRequiredService<IIncidentStore>();
        while (await incidents.GetAsync(IncidentOpening.IdOf("t:run"), Token) is null)
        {
            await Task.Delay(10, Token);
        }

        await detector.StopAsync(Token);
    }

    [Fact]
    public void Runs_are_the_outermost_agents_of_a_trace_with_all_below_them()
    {
        Span[] trace =
        [
            Span("web", null, "web/POST"), Span("a", "web", "agent.run/a"), Span("b", "a", "agent.run/b"), Span("c", "b", "tool.call/c"),
            Span("d", "unknown", "agent.run/d"), Span("x", "y", "tool.call/x"), Span("y", "x", "tool.call/y"), Span("rca", "a", "rca.analyze/trace"),
        ];

        var runs = EndedRun.In(trace).OrderBy(run => run.Root.SpanId).ToList();

        Assert.Equal(["a", "d"], runs.Select(run => run.Root.SpanId));
        Assert.Equal(["a", "b", "c"], runs[0].Spans.Select(span => span.SpanId));
    }

    [Fact]
    public void A_trace_of_any_depth_is_read()
    {
        var trace = Enumerable.Range(0, 100_000).Select(i => Span($"{i}", i == 0 ? null : $"{i - 1}", i == 0 ? "agent.run/a" : "tool.call/t")).ToArray();

        Assert.Equal(100_000, Assert.Single(EndedRun.In(trace)).Spans.Count);
    }

    [Fact]
    public void Rules_can_be_configuration_and_mistakes_name_their_setting()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("AgentOpsRca:DetectIncidents:MaxDurationSeconds", "1.5"), new("AgentOpsRca:DetectIncidents:OnError", "false"),
            new("AgentOpsRca:DetectIncidents:MaxTokens", "1000"), new("AgentOpsRca:DetectIncidents:WebhookUrl", "https://example.test/hook"),
        ]).Build());
        services.AddAgentOpsRca().UseInMemory().DetectIncidents();
        using var provider = services.BuildServiceProvider();

        var mistake = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<IncidentDetectionOptions>>().Value);
        Assert.Contains(nameof(IncidentDetectionOptions.WebhookSecret), mistake.Message, StringComparison.Ordinal);

        services.Configure<IncidentDetectionOptions>(options => options.WebhookSecret = "s");
        using var mended = services.BuildServiceProvider();
        var options = mended.GetRequiredService<IOptions<IncidentDetectionOptions>>().Value;
        Assert.Equal((TimeSpan.FromSeconds(1.5), false, 1_000L), (options.MaxDuration, options.OnError, options.MaxTokens));
    }

    private static Span Span(string id, string? parent, string tool) => Samples.Span(id, tool: tool) with { ParentId = parent };

    private static Span[] Run(string attributes) =>
    [
        new() { SpanId = "t:run", Tool = "agent.run/a", StartTs = Start, EndTs = Start + (10 * Second), Attributes = Samples.Json(attributes) },
        Call("t:1", 1), Call("t:2", 3),
    ];

    private static Span Call(string id, int second) => new()
    {
        SpanId = id,
        ParentId = "t:run",
        Tool = "tool.call/search",
        StartTs = Start + (second * Second),
        EndTs = Start + ((second + 1) * Second),
        ArgsDigest = new string('a', 64),
        Attributes = Samples.Json("""{"gen_ai.usage.input_tokens":40,"gen_ai.usage.output_tokens":10,"agentops.cost_usd":0.25}"""),
    };

    private static ServiceProvider Services(Action<IncidentDetectionOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory().DetectIncidents(options =>
        {
            options.Analyze = false;
            options.LookBack = TimeSpan.Zero;
            configure?.Invoke(options);
        });
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    private static async Task AddAsync(ServiceProvider services, Span[] spans) =>
        Assert.Equal(spans.Length, (await services.GetRequiredService<ISpanStore>().AddAsync(spans, Token)).Added);

    private static ValueTask JudgeAsync(ServiceProvider services) => services.GetRequiredService<IncidentDetector>().JudgeAsync("t", Token);

    private sealed class OwnRule : IIncidentRule
    {
        public IncidentFinding? Judge(EndedRun run) => new("mine", $"{run.Spans.Count} spans.");
    }
}
