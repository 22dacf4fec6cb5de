using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Detection;

/// <summary>What opens an incident for a run whose own span ended well, and what the rules say when they find no run.</summary>
public sealed class RunFindingTests
{
    private const long Start = 1_767_225_600_000_000_000;
    private const string Failed = """{"otel.status_code":"ERROR","otel.status_description":"no route to host\n   at Pay()"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tool_that_failed_and_was_not_called_again_opens_an_incident()
    {
        var incident = await JudgeAsync(Run("{}"), Call(1, "tool.call/pay", Failed), Call(2, "llm.call/m"));

        Assert.Equal("tool_error", incident!.ProblemType);
        Assert.StartsWith("tool.call/pay failed once at 00:00:01 UTC", Sentence(incident), StringComparison.Ordinal);
        Assert.Contains("no route to host", Sentence(incident), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', Sentence(incident));
    }

    [Fact]
    public async Task A_tool_that_succeeded_later_does_not() =>
        Assert.Null(await JudgeAsync(Run("{}"), Call(1, "tool.call/pay", Failed), Call(2, "tool.call/pay")));

    [Fact]
    public async Task Another_tool_makes_nothing_good() =>
        Assert.NotNull(await JudgeAsync(Run("{}"), Call(1, "tool.call/pay", Failed), Call(2, "tool.call/refund")));

    [Theory]
    [InlineData(1, 2, false)]
    [InlineData(2, 1, true)]
    public async Task A_model_is_made_good_by_a_later_call(int failed, int good, bool isIncident)
    {
        var incident = await JudgeAsync(Run("{}"), Call(failed, "llm.call/m", Failed), Call(good, "llm.call/m"));

        Assert.Equal(isIncident ? "model_error" : null, incident?.ProblemType);
    }

    [Fact]
    public async Task It_can_be_turned_off() =>
        Assert.Null(await JudgeAsync(options => options.OnFailedCall = false, Run("{}"), Call(1, "tool.call/pay", Failed)));

    [Fact]
    public async Task An_error_that_only_a_result_tells_counts()
    {
        await using var services = Services(null);
        var result = await services.GetRequiredService<ArtifactVault>().PutAsync(
            Encoding.UTF8.GetBytes("""{"isError":true,"content":[{"type":"text","text":"permission denied"}]}"""), "application/json", false, Token);
        var call = Call(1, "tool.call/pay") with { ResultDigest = result.Artifact.Digest.ToString() };

        var incident = await JudgeAsync(services, [Run("{}"), call]);

        Assert.Equal("tool_error", incident!.ProblemType);
        Assert.Contains("permission denied", Sentence(incident), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_only_a_name_promises_is_no_failure()
    {
        await using var services = Services(null);
        var result = await services.GetRequiredService<ArtifactVault>().PutAsync("""{"promotion":null}"""u8.ToArray(), "application/json", false, Token);

        Assert.Null(await JudgeAsync(services, [Run("{}"), Call(1, "tool.call/promotion") with { ResultDigest = result.Artifact.Digest.ToString() }]));
    }

    [Theory]
    [InlineData(true, "agent_fault")]
    [InlineData(false, null)]
    public async Task A_run_that_its_records_prove_wrong_opens_an_incident_unless_that_is_turned_off(bool isOn, string? problem)
    {
        await using var services = Services(options => options.OnProof = isOn);
        var result = await services.GetRequiredService<ArtifactVault>().PutAsync(
            """[{"role":"assistant","finish_reason":"content_filter","parts":[]}]"""u8.ToArray(), "application/json", false, Token);
        var call = Call(1, "llm.call/m", """{"gen_ai.response.finish_reasons":["content_filter"]}""") with { ResultDigest = result.Artifact.Digest.ToString() };

        Assert.Equal(problem, (await JudgeAsync(services, [Run("{}"), call]))?.ProblemType);
    }

    [Theory]
    [InlineData("""{"otel.kind":"server","otel.status_code":"ERROR"}""", true)]
    [InlineData("""{"otel.kind":"server"}""", false)]
    public async Task A_run_whose_request_failed_after_it_opens_an_incident(string request, bool isIncident)
    {
        Span web = Samples.Span("t:web", Start, "desk/POST", attributes: request);

        var incident = await JudgeAsync(web, Run("{}") with { ParentId = "t:web" }, Call(1, "tool.call/pay"));

        Assert.Equal(isIncident ? "agent_error" : null, incident?.ProblemType);
        Assert.Equal(isIncident ? "desk/POST, which the run was a part of, ended in an error." : null, incident is null ? null : Sentence(incident));
    }

    [Theory]
    [InlineData("""{"deadline_ms":4000}""", "The run ended 1 s after its deadline (deadline_ms).")]
    [InlineData("""{"timeout_s":4.5}""", "The run ended 0.5 s after its deadline (timeout_s).")]
    [InlineData("""{"deadline_ms":4000,"agentops.deadline":1767225603}""", "The run ended 2 s after its deadline (agentops.deadline).")]
    [InlineData("""{"deadline_ms":5000}""", null)]
    public async Task Deadlines_are_those_that_reports_know(string attributes, string? sentence)
    {
        var incident = await JudgeAsync(Run(attributes));

        Assert.Equal(sentence, incident is null ? null : Sentence(incident));
    }

    [Fact]
    public async Task Findings_of_others_open_an_incident_for_a_run_that_ended_well_and_are_not_asked_about_one_that_did_not()
    {
        var other = new OtherFindings();
        await using var services = Services(null, collection => collection.AddSingleton<IRunFindings>(other));

        Assert.Equal("proven", (await JudgeAsync(services, [Run("{}")]))!.ProblemType);
        Assert.Equal(1, other.Asked);

        await using var failing = Services(null, collection => collection.AddSingleton<IRunFindings>(other));
        Assert.Equal("agent_error", (await JudgeAsync(failing, [Run(Failed)]))!.ProblemType);
        Assert.Equal(1, other.Asked);
    }

    [Fact]
    public async Task A_run_around_one_that_has_an_incident_joins_it()
    {
        await using var services = Services(null);
        var inner = Run(Failed) with { ParentId = "t:outer" };
        var first = await JudgeAsync(services, [inner]);

        var second = await JudgeAsync(services, [Samples.Span("t:outer", Start, "agent.run/outer", attributes: Failed)]);

        Assert.Equal(first!.Id, second!.Id);
        var outer = await services.GetRequiredService<ISpanStore>().GetAsync("t:outer", Token);
        Assert.Equal(first.Id.ToString("D"), outer!.IncidentId);
    }

    [Theory]
    [InlineData("desk/POST", 1)]
    [InlineData("agent.run/a", 0)]
    public async Task Spans_without_a_run_are_told_once_with_what_a_run_needs(string tool, int expected)
    {
        var clock = new FakeTimeProvider();
        var warnings = new Warnings();
        await using var services = Services(options => options.Settle = TimeSpan.Zero, collection => collection.AddSingleton<TimeProvider>(clock).AddSingleton<ILoggerProvider>(warnings));
        var detector = services.GetRequiredService<IncidentDetector>();
        await detector.StartAsync(Token);
        var span = Samples.Span("t:1", Start, tool);
        await services.GetRequiredService<ISpanStore>().AddAsync([span], Token);
        detector.OnStored([span]);
        for (var i = 0; i < 200 && (i < 100 || warnings.Count < expected); i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Token);
        }

        await detector.StopAsync(Token);

        Assert.Equal(expected, warnings.Count);
    }

    private static string Sentence(Incident incident) => incident.Details.GetProperty("findings")[0].GetProperty("sentence").GetString()!;

    private static Span Run(string attributes) => new()
    {
        SpanId = "t:run",
        Tool = "agent.run/a",
        StartTs = Start,
        EndTs = Start + 5_000_000_000,
        Attributes = Samples.Json(attributes),
    };

    private static Span Call(int second, string tool, string attributes = "{}") => new()
    {
        SpanId = $"t:{second}",
        ParentId = "t:run",
        Tool = tool,
        StartTs = Start + (second * 1_000_000_000L),
        EndTs = Start + (second * 1_000_000_000L) + 500_000_000,
        Attributes = Samples.Json(attributes),
    };

    private static Task<Incident?> JudgeAsync(params Span[] spans) => JudgeAsync((Action<IncidentDetectionOptions>?)null, spans);

    private static async Task<Incident?> JudgeAsync(Action<IncidentDetectionOptions>? configure, params Span[] spans)
    {
        await using var services = Services(configure);
        return await JudgeAsync(services, spans);
    }

    private static async Task<Incident?> JudgeAsync(ServiceProvider services, Span[] spans)
    {
        await services.GetRequiredService<ISpanStore>().AddAsync(spans, Token);
        await services.GetRequiredService<IncidentDetector>().JudgeAsync("t:", Token);
        return await services.GetRequiredService<IIncidentStore>().ListAsync(new IncidentQuery()).SingleOrDefaultAsync(Token);
    }

    private static ServiceProvider Services(Action<IncidentDetectionOptions>? configure, Action<IServiceCollection>? more = null)
    {
        var collection = new ServiceCollection();
        more?.Invoke(collection);
        collection.AddAgentOpsRca().UseInMemory().DetectIncidents(options =>
        {
            options.Analyze = false;
            options.LookBack = TimeSpan.Zero;
            configure?.Invoke(options);
        });
        return collection.BuildServiceProvider();
    }

    private sealed class OtherFindings : IRunFindings
    {
        public int Asked { get; private set; }

        public ValueTask<IReadOnlyList<IncidentFinding>> FindAsync(EndedRun run, CancellationToken cancellationToken)
        {
            Asked++;
            return ValueTask.FromResult<IReadOnlyList<IncidentFinding>>([new("proven", "It is proven.")]);
        }
    }

    /// <summary>Counts the warnings about spans without a run.</summary>
    private sealed class Warnings : ILoggerProvider, ILogger
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            if (logLevel == LogLevel.Warning && text.Contains("no run of an agent", StringComparison.Ordinal) && text.Contains("DetectIncidents:Runs", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _count);
            }
        }

        public void Dispose()
        {
        }
    }
}
