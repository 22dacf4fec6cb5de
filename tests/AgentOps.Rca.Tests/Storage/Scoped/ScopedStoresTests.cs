using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Reading;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Storage.Scoped;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentOps.Rca.Tests.Storage.Scoped;

/// <summary>Stores that the user registered for a scope: every service works over them, and each call has a scope of its own.</summary>
public sealed class ScopedStoresTests
{
    // Ours give way to those of the user.
    private static readonly Type[] Contracts = [typeof(IIncidentStore), typeof(ISpanStore), typeof(IArtifactStore)];

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServiceLifetime.Scoped, false)]
    [InlineData(ServiceLifetime.Scoped, true)]
    [InlineData(ServiceLifetime.Transient, false)]
    public async Task Everything_works_over_stores_that_live_in_a_scope(ServiceLifetime lifetime, bool isRegisteredAfterwards)
    {
        var state = new State();
        var services = new ServiceCollection().AddSingleton(state);
        if (!isRegisteredAfterwards)
        {
            AddStores(services, lifetime);
        }

        services.AddAgentOpsRca(options => options.DataDirectory = Directory.CreateTempSubdirectory("agentops-rca-").FullName).UseInMemory().DetectIncidents();
        if (isRegisteredAfterwards)
        {
            AddStores(services, lifetime);
        }

        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        foreach (var service in services.Where(static service => service.Lifetime == ServiceLifetime.Singleton && !service.IsKeyedService
            && service.ServiceType.Assembly == typeof(IRcaAnalyzer).Assembly && !service.ServiceType.ContainsGenericParameters
            && !Contracts.Contains(service.ServiceType)))
        {
            Assert.NotNull(provider.GetRequiredService(service.ServiceType));
        }

        await UseEverythingAsync(provider);
        Assert.True(state.Made > 20, $"{state.Made} instances were made.");
        Assert.Equal(state.Made, state.Ended);
        Assert.Equal([], state.Faults);
    }

    [Fact]
    public void A_store_that_lives_as_long_as_the_host_is_used_as_it_is()
    {
        var spans = new InMemorySpanStore();
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory();
        services.AddSingleton<ISpanStore>(spans);
        using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
        Assert.Same(spans, provider.GetShared<ISpanStore>());
        Assert.Same(spans, provider.GetRequiredService<ISpanLinker>());
    }

    [Fact]
    public async Task A_store_in_a_scope_that_cannot_link_says_so_when_it_is_asked_to()
    {
        var services = new ServiceCollection();
        services.AddScoped<ISpanStore>(_ => new AddOnly());
        services.AddAgentOpsRca().UseInMemory();
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await provider.GetRequiredService<ISpanLinking>().LinkAsync(Guid.NewGuid(), [], ["a"], TestToken));
        Assert.True(failure.IsPermanent);
        Assert.Equal(1, (await provider.GetRequiredService<ISpanIntake>().AddAsync([Samples.Span("a")], TestToken)).Added);
    }

    /// <summary>A member that the contract has a default for must still reach the store, which may do it better.</summary>
    [Theory]
    [InlineData(typeof(ScopedIncidentStore), typeof(IIncidentStore))]
    [InlineData(typeof(ScopedSpanStore), typeof(ISpanStore))]
    [InlineData(typeof(ScopedArtifactStore), typeof(IArtifactStore))]
    [InlineData(typeof(ScopedArtifactContentStore), typeof(IArtifactContentStore))]
    public void Every_member_of_a_contract_reaches_the_store_behind_the_scope(Type scoped, Type contract)
    {
        foreach (var target in scoped.GetInterfaceMap(contract).TargetMethods)
        {
            Assert.Equal(scoped, target.DeclaringType);
        }
    }

    private static async Task UseEverythingAsync(ServiceProvider provider)
    {
        Assert.NotEmpty(provider.GetServices<IHostedService>());
        var opened = Assert.IsType<IncidentOutcome.Opened>(await provider.GetRequiredService<IIncidentOpener>().OpenAsync(
            new NewIncident { OrderId = "order-1", ProblemType = "late_delivery", CreatedTs = Samples.Instant }, TestToken)).Incident;
        var id = opened.Id.ToString("D");
        var artifact = (await provider.GetRequiredService<ArtifactVault>().PutAsync(Encoding.UTF8.GetBytes("carrier is down"), "text/plain", cancellationToken: TestToken)).Artifact;
        await provider.GetRequiredService<ISpanIntake>().AddAsync(
            [
                .. Enumerable.Range(0, 40).Select(number => Samples.Span($"call-{number}", 1_750_000_000_000 + number, incidentId: id) with { ResultDigest = artifact.Digest.ToString() }),
                Samples.Span("failed", 1_750_000_000_900, "tool.call/ship", id, """{"status":"error","error":{"type":"timeout"}}"""),
                Samples.Span("late", 1_750_000_000_950, "tool.call/ship"),
            ],
            TestToken);
        Assert.Equal(1, (await provider.GetRequiredService<ISpanLinking>().LinkAsync(opened.Id, [], ["late"], TestToken)).Linked);
        var run = provider.GetRequiredService<IAgentRecorder>().StartRun("shipping", opened.Id);
        await run.DisposeAsync();

        var report = Assert.IsType<RcaOutcome.Completed>(await provider.GetRequiredService<IRcaAnalyzer>().AnalyzeAsync(
            new RcaRequest { IncidentId = opened.Id, Engine = "trace" }, cancellationToken: TestToken)).Report;
        Assert.Equal(report.ReportDigest, await provider.GetRequiredService<IRcaReports>().FindLatestDigestAsync(opened.Id, TestToken));
        Assert.IsType<ApprovalOutcome.Recorded>(await provider.GetRequiredService<IIncidentApprovals>().DecideAsync(
            new ApprovalRequest { IncidentId = opened.Id, ApprovedBy = "Alice" }, TestToken));
        Assert.NotNull((await provider.GetRequiredService<IKpiReader>().ReadAsync(opened.Id, TestToken))!.Evidence);
        Assert.Equal(new IncidentCounts(45, 3), await provider.GetRequiredService<IIncidentCounter>().CountAsync(opened.Id, TestToken));

        Assert.Equal(opened.Id, Assert.Single((await provider.GetRequiredService<IIncidentReader>().ListAsync(new IncidentOverviewQuery(), TestToken)).Rows).Id);
        var replay = await provider.GetRequiredService<IReplayer>().ReplayAsync(opened.Id, (_, _) => ValueTask.CompletedTask, TestToken);
        Assert.Equal(ReplayVerdict.Reproduced, replay!.Verdict);
        using var bundle = new MemoryStream();
        await using (var export = (await provider.GetRequiredService<IBundleExporter>().PrepareAsync(opened.Id, cancellationToken: TestToken))!)
        {
            await export.WriteToAsync(bundle, TestToken);
        }

        bundle.Position = 0;
        Assert.IsType<BundleImportOutcome.Imported>(await provider.GetRequiredService<IBundleImporter>().ImportAsync(bundle, TestToken));
    }

    private static void AddStores(IServiceCollection services, ServiceLifetime lifetime)
    {
        services.Add(new ServiceDescriptor(typeof(IIncidentStore), typeof(Incidents), lifetime));
        services.Add(new ServiceDescriptor(typeof(ISpanStore), typeof(SpanRows), lifetime));
        services.Add(new ServiceDescriptor(typeof(IArtifactStore), typeof(Artifacts), lifetime));
    }

    /// <summary>What the instances share, as they would share a database.</summary>
    private sealed class State
    {
        private int _made;
        private int _ended;

        public InMemoryIncidentStore Incidents { get; } = new();

        public InMemorySpanStore Spans { get; } = new();

        public InMemoryArtifactStore Artifacts { get; } = new();

        public List<string> Faults { get; } = [];

        public int Made => _made;

        public int Ended => _ended;

        public void Make() => Interlocked.Increment(ref _made);

        public void End() => Interlocked.Increment(ref _ended);
    }

    /// <summary>As strict as a context of EF Core: one call at a time, and none once it is disposed.</summary>
    private abstract class Strict : IAsyncDisposable
    {
        private int _calls;
        private bool _isDisposed;

        protected Strict(State state)
        {
            State = state;
            state.Make();
        }

        protected State State { get; }

        public ValueTask DisposeAsync()
        {
            _isDisposed = true;
            State.End();
            return ValueTask.CompletedTask;
        }

        protected async ValueTask<T> RunAsync<T>(ValueTask<T> call)
        {
            Begin();
            await Task.Yield();
            var answer = await call;
            Interlocked.Decrement(ref _calls);
            return answer;
        }

        protected async IAsyncEnumerable<T> ListAsync<T>(IAsyncEnumerable<T> list)
        {
            Begin();
            await foreach (var item in list)
            {
                if (_isDisposed)
                {
                    Fail("disposed while it lists");
                }

                yield return item;
            }

            Interlocked.Decrement(ref _calls);
        }

        private void Begin()
        {
            if (Interlocked.Increment(ref _calls) > 1)
            {
                Fail("two calls at once");
            }

            if (_isDisposed)
            {
                Fail("called after its end");
            }
        }

        private void Fail(string fault)
        {
            lock (State.Faults)
            {
                State.Faults.Add($"{GetType().Name}: {fault}");
            }
        }
    }

    private sealed class Incidents(State state) : Strict(state), IIncidentStore
    {
        public ValueTask<WriteOutcome> AddAsync(Incident incident, CancellationToken cancellationToken = default) =>
            RunAsync(State.Incidents.AddAsync(incident, cancellationToken));

        public ValueTask<Incident?> GetAsync(Guid id, CancellationToken cancellationToken = default) => RunAsync(State.Incidents.GetAsync(id, cancellationToken));

        public IAsyncEnumerable<Incident> ListAsync(IncidentQuery query, CancellationToken cancellationToken = default) =>
            ListAsync(State.Incidents.ListAsync(query, cancellationToken));

        public ValueTask<bool> TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken = default) =>
            RunAsync(State.Incidents.TrySetStatusAsync(id, expected, status, cancellationToken));
    }

    private sealed class SpanRows(State state) : Strict(state), ISpanStore, ISpanLinker, ISpanRetention
    {
        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            RunAsync(State.Spans.AddAsync(spans, cancellationToken));

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => RunAsync(State.Spans.GetAsync(spanId, cancellationToken));

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) =>
            ListAsync(State.Spans.ListAsync(query, cancellationToken));

        public IAsyncEnumerable<Span> ListTraceAsync(string traceId, CancellationToken cancellationToken = default) =>
            ListAsync(State.Spans.ListTraceAsync(traceId, cancellationToken));

        public ValueTask<SpanLinkResult> LinkAsync(string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default) =>
            RunAsync(State.Spans.LinkAsync(incidentId, spanIds, cancellationToken));

        public ValueTask<int> DeleteBaselineAsync(long fromTs, long toTs, int limit, CancellationToken cancellationToken = default) =>
            RunAsync(State.Spans.DeleteBaselineAsync(fromTs, toTs, limit, cancellationToken));
    }

    private sealed class Artifacts(State state) : Strict(state), IArtifactStore
    {
        public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default) =>
            RunAsync(State.Artifacts.AddAsync(artifact, cancellationToken));

        public ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
            RunAsync(State.Artifacts.GetAsync(digest, cancellationToken));

        public IAsyncEnumerable<Artifact> FindAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default) =>
            ListAsync(State.Artifacts.FindAsync(digests, cancellationToken));
    }

    private sealed class AddOnly : ISpanStore
    {
        private readonly InMemorySpanStore _inner = new();

        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            _inner.AddAsync(spans, cancellationToken);

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => _inner.GetAsync(spanId, cancellationToken);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => _inner.ListAsync(query, cancellationToken);
    }
}
