using AgentOps.Rca.Analysis;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Analysis;

/// <summary>How often an analysis asks the store of spans; over a network each question costs as much as many spans.</summary>
public sealed class EvidenceReadsTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10)]
    [InlineData(200)]
    public async Task However_many_calls_failed_their_spans_are_read_in_a_few_calls(int failed)
    {
        var store = new CountingStore();
        var services = new ServiceCollection().AddSingleton<ISpanStore>(store);
        services.AddAgentOpsRca().UseInMemory();
        await using var provider = services.BuildServiceProvider();
        var incident = Samples.Incident(1);
        await provider.GetRequiredService<IIncidentStore>().AddAsync(incident, TestToken);
        var id = incident.Id.ToString("D");
        await store.AddAsync(
            [
                Samples.Span("run", 1_750_000_000_000, "agent.run/orders", id),
                .. Enumerable.Range(0, failed).Select(number => Samples.Span(
                    $"call-{number}", 1_750_000_000_001 + number, $"tool.call/t{number % 20}", id,
                    $$"""{"status":"error","error.type":"timeout","error.message":"carrier {{number}} does not answer"}""") with { ParentId = "run" }),
            ],
            TestToken);

        var outcome = await provider.GetRequiredService<IRcaAnalyzer>().AnalyzeAsync(
            new RcaRequest { IncidentId = incident.Id, Engine = "trace" }, cancellationToken: TestToken);

        var report = Assert.IsType<RcaOutcome.Completed>(outcome).Report;
        Assert.True(report.Evidence.Count > 3, $"{report.Evidence.Count} pieces of evidence.");
        Assert.All(report.Evidence, evidence => Assert.True(evidence.Checked));
        Assert.True(store.Gets <= 2, $"{store.Gets} spans were read one by one.");
        Assert.InRange(store.Finds, 1, 12);
    }

    private sealed class CountingStore : ISpanStore
    {
        private readonly InMemorySpanStore _inner = new();

        public int Gets { get; private set; }

        public int Finds { get; private set; }

        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            _inner.AddAsync(spans, cancellationToken);

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default)
        {
            Gets++;
            return _inner.GetAsync(spanId, cancellationToken);
        }

        public IAsyncEnumerable<Span> FindAsync(IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default)
        {
            Finds++;
            return _inner.FindAsync(spanIds, cancellationToken);
        }

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) =>
            _inner.ListAsync(query, cancellationToken);
    }
}
