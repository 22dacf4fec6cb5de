using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
        var hosted = services.GetServices<IHostedService>().Where(service => service is IncidentDetector or IncidentFollowUp).ToList();
        foreach (var service in hosted)
        {
            await service.StartAsync(Token);
        }

        var run = Run("""{"otel.status_code":"ERROR","otel.status_description":"no"}""");
        await AddAsync(services, run);
        foreach (var observer in services.GetServices<ISpanObserver>())
        {
            observer.OnStored(run);
        }

        var detected = await told.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        foreach (var service in hosted)
        {
            await service.StopAsync(Token);
        }

        Assert.Equal(IncidentOpening.IdOf("t:run"), detected.Incident.Id);
        Assert.Equal(detected.Incident.Id, detected.Report!.IncidentId);
        Assert.Equal("t:run", detected.RunSpanId);
    }

    [Theory]
    [InlineData(1, "run", "call", "model")]
    [InlineData(1_000, "run", "call", "model")]
    [InlineData(1_000_000, "a run of mine", "one", "two")]
    [InlineData(1_000_000_000, "t:run", "t:call", "t:model")]
    public async Task Spans_with_any_ids_in_any_unit_belong_to_the_run_above_them(long perSecond, string run, string call, string model)
    {
        await using var services = Services();
        var start = 1_767_225_600 * perSecond;
        await AddAsync(
            services,
            [
                new() { SpanId = run, ParentId = "web", Tool = "agent.run/a", StartTs = start, EndTs = start + (9 * perSecond), Attributes = Samples.Json("""{"error":true}""") },
                new() { SpanId = call, ParentId = run, Tool = "tool.call/c", StartTs = start, EndTs = start + perSecond },
                new() { SpanId = model, ParentId = call, Tool = "llm.call/m", StartTs = start + (9 * perSecond), EndTs = start + (9 * perSecond) },
                new() { SpanId = "another", Tool = "agent.run/b", StartTs = start, EndTs = start + perSecond, Attributes = Samples.Json("""{"error":true}""") },
                new() { SpanId = "below another", ParentId = "another", Tool = "tool.call/c", StartTs = start, EndTs = start + perSecond },
            ]);

        // Judged by any span of it.
        await services.GetRequiredService<IncidentDetector>().JudgeAsync(RunSpans.KeyOf(call), Token);

        var incident = await services.GetRequiredService<IIncidentStore>().ListAsync(new IncidentQuery()).SingleAsync(Token);
        Assert.Equal(IncidentOpening.IdOf(run), incident.Id);
        var linked = await services.GetRequiredService<ISpanStore>()
            .ListAsync(new SpanQuery { IncidentId = incident.Id.ToString("D") }).Select(span => span.SpanId).Order().ToListAsync(Token);
        Assert.Equal(((string[])[run, call, model]).Order(), linked);
    }

    [Theory]
    [InlineData("t:run", "t:late", 1_000_000_000)]
    [InlineData("run", "late", 1_000)]
    public async Task A_span_that_comes_late_joins_the_incident_of_its_run(string run, string late, long perSecond)
    {
        await using var services = Services(options => options.Settle = TimeSpan.Zero);
        var start = 1_767_225_600 * perSecond;
        var root = new Span { SpanId = run, Tool = "agent.run/a", StartTs = start, EndTs = start + (9 * perSecond), Attributes = Samples.Json("""{"error":true}""") };
        await AddAsync(services, [root]);
        var detector = services.GetRequiredService<IncidentDetector>();
        await detector.StartAsync(Token);
        detector.OnStored([root]);
        var spans = services.GetRequiredService<ISpanStore>();
        await UntilAsync(async () => (await spans.GetAsync(run, Token))!.IncidentId is not null);
        var child = new Span { SpanId = late, ParentId = run, Tool = "tool.call/c", StartTs = start, EndTs = start + perSecond };
        await AddAsync(services, [child]);

        detector.OnStored([child]);

        await UntilAsync(async () => (await spans.GetAsync(late, Token))!.IncidentId is not null);
        await detector.StopAsync(Token);
        Assert.Single(await services.GetRequiredService<IIncidentStore>().ListAsync(new IncidentQuery()).ToListAsync(Token));
    }

    [Theory]
    [InlineData("t:run", "t:late", true)]
    [InlineData("t:run", "t:late", false)]
    [InlineData("run", "late", true)]
    [InlineData("run", "late", false)]
    public async Task A_span_that_comes_while_its_run_is_linked_joins_the_incident(string run, string late, bool isOpenedByAnotherHost)
    {
        var store = new InMemorySpanStore();
        var linker = new InterruptedLinker(store);
        await using var services = Services(services: collection => collection.AddSingleton<ISpanStore>(store).AddSingleton<ISpanLinker>(linker));
        var root = Samples.Span(run, 1_000, "agent.run/a", attributes: """{"error":true}""");
        var early = Samples.Span($"{run}-1", 1_001) with { ParentId = run };
        var child = Samples.Span(late, 1_002) with { ParentId = run };
        await AddAsync(services, [root, early]);
        var incident = IncidentOpening.IdOf(run).ToString("D");
        var detector = services.GetRequiredService<IncidentDetector>();
        if (isOpenedByAnotherHost)
        {
            // Which saw no other span of the run, and has seen the incident through.
            var opened = IncidentOpening.Of(new EndedRun(root, [root]), [new IncidentFinding("agent_error", "It failed.")], new IncidentDetectionOptions());
            await services.GetRequiredService<IIncidentStore>().AddAsync(opened, Token);
            await store.LinkAsync(incident, [run], Token);
        }

        linker.Before = async () =>
        {
            await AddAsync(services, [child]);
            detector.OnStored([child]);
        };
        await detector.JudgeAsync(RunSpans.KeyOf(run), Token);

        Assert.Equal(incident, (await store.GetAsync(early.SpanId, Token))!.IncidentId);
        Assert.Equal(incident, (await store.GetAsync(late, Token))!.IncidentId);
    }

    [Theory]
    [InlineData("t:run", 1_000_000_000)]
    [InlineData("run", 1_000)]
    public async Task A_start_finds_a_long_run_that_began_before_the_window_it_looks_at(string run, long perSecond)
    {
        await using var services = Services(options => options.LookBack = TimeSpan.FromMinutes(10));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() * perSecond;
        await AddAsync(
            services,
            [
                new() { SpanId = run, Tool = "agent.run/a", StartTs = now - (3_600 * perSecond), EndTs = now, Attributes = Samples.Json("""{"error":true}""") },
                new() { SpanId = $"{run}-call", ParentId = run, Tool = "tool.call/c", StartTs = now - (60 * perSecond), EndTs = now },
            ]);
        var detector = services.GetRequiredService<IncidentDetector>();

        await detector.StartAsync(Token);

        var incidents = services.GetRequiredService<IIncidentStore>();
        await UntilAsync(async () => await incidents.GetAsync(IncidentOpening.IdOf(run), Token) is not null);
        await detector.StopAsync(Token);
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
        await UntilAsync(async () => await incidents.GetAsync(IncidentOpening.IdOf("t:run"), Token) is not null);
        await detector.StopAsync(Token);
    }

    [Theory]
    [InlineData("t:run")]
    [InlineData("run")]
    public async Task A_run_that_came_with_an_incident_belongs_to_that_and_opens_none(string run)
    {
        await using var services = Services();
        await AddAsync(services, [Samples.Span(run, tool: "agent.run/a", incidentId: "mine", attributes: """{"error":true}""")]);

        await services.GetRequiredService<IncidentDetector>().JudgeAsync(RunSpans.KeyOf(run), Token);

        Assert.Empty(await services.GetRequiredService<IIncidentStore>().ListAsync(new IncidentQuery()).ToListAsync(Token));
        Assert.Equal("mine", (await services.GetRequiredService<ISpanStore>().GetAsync(run, Token))!.IncidentId);
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
        services.AddAgentOpsRca().DetectIncidents();
        using var provider = services.BuildServiceProvider();

        var mistake = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<IncidentDetectionOptions>>().Value);
        Assert.Contains(nameof(IncidentDetectionOptions.WebhookSecret), mistake.Message, StringComparison.Ordinal);

        services.Configure<IncidentDetectionOptions>(options => options.WebhookSecret = "s");
        using var mended = services.BuildServiceProvider();
        var options = mended.GetRequiredService<IOptions<IncidentDetectionOptions>>().Value;
        Assert.Equal((TimeSpan.FromSeconds(1.5), false, 1_000L), (options.MaxDuration, options.OnError, options.MaxTokens));
    }

    private static async Task UntilAsync(Func<Task<bool>> isDone)
    {
        while (!await isDone())
        {
            await Task.Delay(10, Token);
        }
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

    private static ServiceProvider Services(
        Action<IncidentDetectionOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var collection = new ServiceCollection();
        services?.Invoke(collection);
        collection.AddAgentOpsRca().UseInMemory().DetectIncidents(options =>
        {
            options.Analyze = false;
            options.LookBack = TimeSpan.Zero;
            configure?.Invoke(options);
        });
        return collection.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    private static async Task AddAsync(ServiceProvider services, Span[] spans) =>
        Assert.Equal(spans.Length, (await services.GetRequiredService<ISpanStore>().AddAsync(spans, Token)).Added);

    private static ValueTask JudgeAsync(ServiceProvider services) => services.GetRequiredService<IncidentDetector>().JudgeAsync("t:", Token);

    /// <summary>Something happens before the first spans are linked, after they were read.</summary>
    private sealed class InterruptedLinker(ISpanLinker inner) : ISpanLinker
    {
        public Func<Task>? Before { get; set; }

        public IAsyncEnumerable<Span> ListTraceAsync(string traceId, CancellationToken cancellationToken = default) =>
            inner.ListTraceAsync(traceId, cancellationToken);

        public async ValueTask<SpanLinkResult> LinkAsync(
            string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default)
        {
            (var before, Before) = (Before, null);
            await (before?.Invoke() ?? Task.CompletedTask);
            return await inner.LinkAsync(incidentId, spanIds, cancellationToken);
        }
    }

    private sealed class OwnRule : IIncidentRule
    {
        public IncidentFinding? Judge(EndedRun run) => new("mine", $"{run.Spans.Count} spans.");
    }
}
