using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Detection;

/// <summary>Hosts over one set of stores, as a restart or a second host is. A host that dies is one whose services never run.</summary>
public sealed class IncidentFollowUpTests
{
    private readonly InMemoryIncidentStore _incidents = new();
    private readonly InMemorySpanStore _spans = new();
    private readonly InMemoryArtifactStore _artifacts = new();
    private readonly InMemoryArtifactContentStore _contents = new();
    private readonly Receiver _receiver = new();
    private readonly SigningKey _key = SigningKey.Generate();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_incident_whose_host_died_is_analysed_and_told_after_the_next_start_and_once()
    {
        var incident = await OpenAndDieAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(_receiver.Deliveries);

        await using (var host = await StartAsync())
        {
            var record = await RecordOfAsync(incident);
            Assert.Equal("delivered", record.Attributes.GetProperty("webhook").GetString());
            Assert.Equal(204, record.Attributes.GetProperty("http.response.status_code").GetInt32());
            var reports = host.GetRequiredService<RcaReports>();
            Assert.Single(await reports.ListSpansAsync(incident, Token));
        }

        await using (var again = await StartAsync())
        {
            await again.GetRequiredService<IncidentFollowUp>().TakeUpAsync(Token);
            await Task.Delay(200, Token);
        }

        Assert.Equal([incident.ToString("D")], _receiver.Deliveries);
        Assert.Single(await _incidents.ListAsync(new IncidentQuery(), Token).ToListAsync(Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Spans_that_were_not_linked_when_the_host_died_are_linked_before_the_analysis(bool isRootLinked)
    {
        // The incident's row alone was written, or the first of its spans was linked too.
        var run = await AddRunAsync(TimeSpan.FromMinutes(1));
        var incident = IncidentOpening.Of(run, [new IncidentFinding("agent_error", "It failed.")], new IncidentDetectionOptions());
        await _incidents.AddAsync(incident, Token);
        if (isRootLinked)
        {
            await _spans.LinkAsync(incident.Id.ToString("D"), [run.Root.SpanId], Token);
        }

        await using var host = await StartAsync();

        await RecordOfAsync(incident.Id);
        Assert.Equal(2, await _spans.ListAsync(new SpanQuery { IncidentId = incident.Id.ToString("D"), IsEvidence = true }, Token).CountAsync(Token));
    }

    [Fact]
    public async Task A_delivery_that_fails_is_taken_up_again_until_it_arrives_and_nothing_else_is_repeated()
    {
        var called = 0;
        var incident = await OpenAndDieAsync(TimeSpan.FromMinutes(10));
        _receiver.Answer = number => number < 3 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.NoContent;

        await using var host = await StartAsync(options => options.OnDetected = (_, _) =>
        {
            Interlocked.Increment(ref called);
            return ValueTask.CompletedTask;
        });

        Assert.Equal("delivered", (await RecordOfAsync(incident)).Attributes.GetProperty("webhook").GetString());
        Assert.Equal((3, 1), (_receiver.Deliveries.Count, called));
        Assert.Single(await host.GetRequiredService<RcaReports>().ListSpansAsync(incident, Token));
    }

    [Theory]
    [InlineData(25, HttpStatusCode.ServiceUnavailable, "given_up")]
    [InlineData(1, HttpStatusCode.Gone, "refused")]
    public async Task What_is_given_up_or_refused_is_recorded_as_that(int hours, HttpStatusCode answer, string outcome)
    {
        var incident = await OpenAndDieAsync(TimeSpan.FromHours(hours));
        _receiver.Answer = _ => answer;

        await using var host = await StartAsync();

        var record = await RecordOfAsync(incident);
        Assert.Equal(outcome, record.Attributes.GetProperty("webhook").GetString());
        Assert.Equal((int)answer, record.Attributes.GetProperty("http.response.status_code").GetInt32());
        Assert.Contains(((int)answer).ToString(System.Globalization.CultureInfo.InvariantCulture), record.Attributes.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Single(_receiver.Deliveries);
    }

    [Fact]
    public async Task What_is_too_old_and_what_no_rule_opened_is_left_alone()
    {
        await OpenAndDieAsync(TimeSpan.FromHours(49));
        await _incidents.AddAsync(Samples.Incident(1, TimeProvider.System.GetUtcNow()), Token);
        await using var host = Build();
        var followUp = host.GetRequiredService<IncidentFollowUp>();
        await followUp.TakeUpAsync(Token);
        Assert.Equal(0, followUp.Underway);

        await OpenAndDieAsync(TimeSpan.FromMinutes(1));
        await followUp.TakeUpAsync(Token);
        await followUp.TakeUpAsync(Token);
        Assert.Equal(1, followUp.Underway);
    }

    [Fact]
    public async Task An_analysis_or_a_callback_that_throws_keeps_nobody_from_being_told()
    {
        var incident = await OpenAndDieAsync(TimeSpan.FromMinutes(1));

        await using var host = await StartAsync(
            options => options.OnDetected = static (_, _) => throw new InvalidOperationException("mine"),
            services => services.AddSingleton<IRcaEngine, BrokenEngine>());

        Assert.Equal("delivered", (await RecordOfAsync(incident)).Attributes.GetProperty("webhook").GetString());
        Assert.Single(_receiver.Deliveries);
    }

    [Fact]
    public async Task The_record_is_no_evidence_and_changes_no_figure_of_the_incident()
    {
        var incidentId = await OpenAndDieAsync(TimeSpan.FromMinutes(1));
        await using var host = await StartAsync();
        var record = await RecordOfAsync(incidentId);
        var incident = (await _incidents.GetAsync(incidentId, Token))!;
        var all = await _spans.ListAsync(new SpanQuery { IncidentId = incidentId.ToString("D") }, Token).ToListAsync(Token);

        Assert.Contains(record.SpanId, all.Select(span => span.SpanId));
        Assert.Equal(
            JsonSerializer.Serialize(KpisOf(incident, all.Where(span => span.SpanId != record.SpanId)), KpiJson.TypeInfo),
            JsonSerializer.Serialize(KpisOf(incident, all), KpiJson.TypeInfo));
        Assert.DoesNotContain(
            record.SpanId,
            await _spans.ListAsync(new SpanQuery { IncidentId = incidentId.ToString("D"), IsEvidence = true }, Token).Select(span => span.SpanId).ToListAsync(Token));
    }

    [Fact]
    public async Task An_incident_whose_receiver_was_told_replays_as_recorded_and_its_bundle_verifies_offline()
    {
        var incidentId = await OpenAndDieAsync(TimeSpan.FromMinutes(1));
        await using var host = await StartAsync(services: services => services.PostConfigure<AgentOpsRcaOptions>(
            options => options.SigningKey = _key.ExportPem()));
        var record = await RecordOfAsync(incidentId);

        var replay = Assert.IsType<ReplayResult>(await host.GetRequiredService<IReplayer>().ReplayAsync(incidentId, cancellationToken: Token));
        Assert.Equal(ReplayVerdict.Reproduced, replay.Verdict);

        using var bundle = new MemoryStream();
        await using (var export = Assert.IsType<BundleExport>(await host.GetRequiredService<BundleExporter>().PrepareAsync(incidentId, null, Token)))
        {
            await export.WriteToAsync(bundle, Token);
        }

        using (var archive = new ZipArchive(bundle, ZipArchiveMode.Read, leaveOpen: true))
        using (var spans = new StreamReader(archive.GetEntry("spans.jsonl")!.Open()))
        {
            Assert.Contains($"\"{record.SpanId}\"", await spans.ReadToEndAsync(Token), StringComparison.Ordinal);
        }

        bundle.Position = 0;
        var verified = Assert.IsType<BundleVerificationOutcome.Verified>(await host.GetRequiredService<BundleVerifier>().VerifyAsync(bundle, Token)).Verification;
        Assert.True(verified is { Valid: true, Checks: { Intact.Ok: true, Signed.Ok: true, Replay.Ok: true, Grounded.Ok: true } }, verified.Checks.ToString());
    }

    [Fact]
    public async Task Hosts_that_judge_a_run_at_once_open_one_incident()
    {
        var run = await AddRunAsync(TimeSpan.FromMinutes(1));
        await using var one = Build();
        await using var another = Build();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(racer => Task.Run(
            async () => await (racer % 2 == 0 ? one : another).GetRequiredService<IncidentDetector>().JudgeAsync(RunSpans.KeyOf(run.Root.SpanId), Token),
            Token)));

        var incident = await _incidents.ListAsync(new IncidentQuery(), Token).SingleAsync(Token);
        Assert.Equal(IncidentOpening.IdOf(run.Root.SpanId), incident.Id);
        Assert.Equal(2, await _spans.ListAsync(new SpanQuery { IncidentId = incident.Id.ToString("D") }, Token).CountAsync(Token));
    }

    // Both get spans of the same runs, judge them, and find that their incidents are to be seen through.
    [Fact]
    public async Task Of_hosts_that_take_up_the_same_incidents_at_once_one_analyses_each_and_tells_of_it()
    {
        var incidents = new List<Guid>();
        for (var i = 0; i < 20; i++)
        {
            incidents.Add(await OpenAndDieAsync(TimeSpan.FromMinutes(1)));
        }

        static void Patiently(IncidentDetectionOptions options) => options.RetryInterval = TimeSpan.FromMinutes(5);
        await using var one = await StartAsync(Patiently);
        await using var another = await StartAsync(Patiently);
        foreach (var incident in incidents)
        {
            one.GetRequiredService<IncidentFollowUp>().Add(incident);
            another.GetRequiredService<IncidentFollowUp>().Add(incident);
        }

        var reports = one.GetRequiredService<RcaReports>();
        foreach (var incident in incidents)
        {
            await RecordOfAsync(incident);
            Assert.Single(await reports.ListSpansAsync(incident, Token));
        }

        Assert.Equal(incidents.Select(incident => incident.ToString("D")).Order(), _receiver.Deliveries.Order());
    }

    [Fact]
    public async Task What_a_host_was_at_when_it_died_is_another_one_s_an_interval_later()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (interval, incident) = (TimeSpan.FromMinutes(5), Guid.NewGuid());
        await using var host = Build(options => options.RetryInterval = interval);
        var (claims, others) = (ClaimsOf(host, clock), ClaimsOf(host, clock));
        Assert.True(await claims.TryAsync(incident, Token));
        Assert.True(await claims.TryAsync(incident, Token));
        Assert.False(await others.TryAsync(incident, Token));

        // Whichever turn of the clock it lies in.
        var step = TimeSpan.FromSeconds(30);
        for (var passed = step; passed < interval; passed += step)
        {
            clock.Advance(step);
            Assert.False(await others.TryAsync(incident, Token));
        }

        clock.Advance(step + step);
        Assert.True(await others.TryAsync(incident, Token));
        Assert.False(await claims.TryAsync(incident, Token));
    }

    [Fact]
    public async Task What_a_host_is_at_for_longer_than_an_interval_stays_its_own()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (interval, incident) = (TimeSpan.FromMinutes(5), Guid.NewGuid());
        await using var host = Build(options => options.RetryInterval = interval);
        var (claims, others) = (ClaimsOf(host, clock), ClaimsOf(host, clock));
        Assert.True(await claims.TryAsync(incident, Token));

        var step = TimeSpan.FromSeconds(30);
        await using (claims.Hold(incident, Token))
        {
            for (var passed = step; passed < interval * 4; passed += step)
            {
                clock.Advance(step);
                // The timer has fired; what it does is done by another thread.
                while (passed.Ticks % (interval.Ticks / 2) == 0
                    && await _spans.GetAsync(SpanIds.OfClaim(incident, clock.GetUtcNow().UtcTicks / interval.Ticks), Token) is null)
                {
                    await Task.Delay(1, Token);
                }

                Assert.False(await others.TryAsync(incident, Token));
            }
        }

        clock.Advance(interval * 2);
        Assert.True(await others.TryAsync(incident, Token));
    }

    // As of a host of its own.
    private FollowUpClaims ClaimsOf(ServiceProvider host, TimeProvider clock) =>
        new(host.GetRequiredService<ISpanIntake>(), _spans, host.GetRequiredService<IOptions<IncidentDetectionOptions>>(), clock);

    private static IncidentKpis KpisOf(Incident incident, IEnumerable<Span> spans)
    {
        var calculator = new KpiCalculator(incident);
        foreach (var span in spans)
        {
            calculator.Add(span);
        }

        return calculator.Build();
    }

    private async Task<EndedRun> AddRunAsync(TimeSpan age)
    {
        var trace = Guid.NewGuid().ToString("N");
        var end = EpochUnit.FromInstant(TimeProvider.System.GetUtcNow() - age);
        Span[] run =
        [
            new() { SpanId = $"{trace}:1", Tool = "agent.run/a", StartTs = end - 1_000_000_000, EndTs = end, Attributes = Samples.Json("""{"error.type":"timeout"}""") },
            new() { SpanId = $"{trace}:2", ParentId = $"{trace}:1", Tool = "tool.call/c", StartTs = end - 900_000_000, EndTs = end - 1, Attributes = Samples.Json("""{"error.type":"timeout"}""") },
        ];
        await _spans.AddAsync(run, Token);
        return new EndedRun(run[0], run);
    }

    // The host opens the incident, and dies before anything else happens: nothing of its follow-up runs.
    private async Task<Guid> OpenAndDieAsync(TimeSpan age)
    {
        var run = await AddRunAsync(age);
        await using var host = Build();
        await host.GetRequiredService<IncidentDetector>().JudgeAsync(RunSpans.KeyOf(run.Root.SpanId), Token);
        var incidentId = IncidentOpening.IdOf(run.Root.SpanId);
        Assert.NotNull(await _incidents.GetAsync(incidentId, Token));
        return incidentId;
    }

    private async Task<Span> RecordOfAsync(Guid incidentId)
    {
        while (true)
        {
            if (await _spans.GetAsync(SpanIds.OfNotification(incidentId), Token) is { } record)
            {
                return record;
            }

            await Task.Delay(10, Token);
        }
    }

    private async Task<ServiceProvider> StartAsync(Action<IncidentDetectionOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var host = Build(configure, services);
        foreach (var service in host.GetServices<IHostedService>().Where(service => service is IncidentDetector or IncidentFollowUp))
        {
            await service.StartAsync(Token);
        }

        return host;
    }

    private ServiceProvider Build(Action<IncidentDetectionOptions>? configure = null, Action<IServiceCollection>? register = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IIncidentStore>(_incidents).AddSingleton<ISpanStore>(_spans);
        services.AddSingleton<IArtifactStore>(_artifacts).AddSingleton<IArtifactContentStore>(_contents);
        register?.Invoke(services);
        services.AddAgentOpsRca().UseInMemory().DetectIncidents(options =>
        {
            options.LookBack = TimeSpan.Zero;
            options.WebhookUrl = new Uri("http://receiver.test/hook");
            options.WebhookSecret = "secret";
            options.WebhookAttempts = 1;
            options.RetryInterval = TimeSpan.FromSeconds(1);
            configure?.Invoke(options);
        });
        services.AddHttpClient(IncidentWebhook.ClientName).ConfigurePrimaryHttpMessageHandler(() => new Line(_receiver));
        return services.BuildServiceProvider();
    }

    private sealed class Receiver
    {
        public ConcurrentQueue<string> Deliveries { get; } = new();

        public Func<int, HttpStatusCode> Answer { get; set; } = _ => HttpStatusCode.NoContent;
    }

    private sealed class Line(Receiver receiver) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            receiver.Deliveries.Enqueue(request.Headers.GetValues("AgentOps-Delivery").Single());
            return Task.FromResult(new HttpResponseMessage(receiver.Answer(receiver.Deliveries.Count)));
        }
    }

    private sealed class BrokenEngine : IRcaEngine
    {
        public string Name => "trace";

        public string Version => "0";

        public ValueTask<RcaReport> AnalyzeAsync(RcaCase rcaCase, IProgress<RcaProgress>? progress, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("broken");
    }
}
