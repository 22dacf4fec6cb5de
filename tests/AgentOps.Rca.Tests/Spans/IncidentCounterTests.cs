using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Spans;

public sealed class IncidentCounterTests
{
    private readonly Incident _incident = Samples.Incident(1);
    private readonly InMemoryArtifactStore _rows = new();
    private readonly ListingCounter _spans = new();

    private string Id => _incident.Id.ToString("D");

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_and_the_artifacts_they_name_are_counted_each_once()
    {
        var counter = new IncidentCounter(_spans, _rows);
        Assert.Equal(new IncidentCounts(0, 0), await counter.CountAsync(_incident.Id, TestToken));
        await _spans.AddAsync([Naming("a", 1, 2), Naming("b", 2, 3), Samples.Span("c", incidentId: Id) with { ArgsDigest = "no digest" }], TestToken);
        await AddRowAsync(1);
        await AddRowAsync(2);
        Assert.Equal(new IncidentCounts(3, 2), await counter.CountAsync(_incident.Id, TestToken));
    }

    [Fact]
    public async Task What_is_remembered_is_never_out_of_date()
    {
        var counter = new IncidentCounter(_spans, _rows);
        await _spans.AddAsync([Naming("a", 1, 2)], TestToken);
        Assert.Equal(new IncidentCounts(1, 0), await counter.CountAsync(_incident.Id, TestToken));

        // An artifact that comes after its span.
        await AddRowAsync(2);
        Assert.Equal(new IncidentCounts(1, 1), await counter.CountAsync(_incident.Id, TestToken));

        // A span that comes, and one that is linked.
        await AddRowAsync(4);
        await _spans.AddAsync([Naming("b", 4, 4), Naming("c", 1, 3) with { IncidentId = null }], TestToken);
        Assert.Equal(new IncidentCounts(2, 2), await counter.CountAsync(_incident.Id, TestToken));
        await AddRowAsync(3);
        await _spans.LinkAsync(Id, ["c"], TestToken);
        Assert.Equal(new IncidentCounts(3, 3), await counter.CountAsync(_incident.Id, TestToken));
        await AddRowAsync(1);
        Assert.Equal(new IncidentCounts(3, 4), await counter.CountAsync(_incident.Id, TestToken));
    }

    [Fact]
    public async Task The_spans_are_read_again_only_when_there_are_more()
    {
        var counter = new IncidentCounter(_spans, _rows);
        await _spans.AddAsync([Naming("a", 1, 2)], TestToken);
        for (var i = 0; i < 3; i++)
        {
            await counter.CountAsync(_incident.Id, TestToken);
        }

        Assert.Equal(1, _spans.Listings);
        await _spans.AddAsync([Naming("b", 1, 2)], TestToken);
        await counter.CountAsync(_incident.Id, TestToken);
        await counter.CountAsync(_incident.Id, TestToken);
        Assert.Equal(2, _spans.Listings);
    }

    [Fact]
    public async Task A_span_that_comes_while_they_are_read_is_not_forgotten_afterwards()
    {
        var counter = new IncidentCounter(_spans, _rows);
        await _spans.AddAsync([Naming("b", 1, 2)], TestToken);
        // It starts before the one that is being read, so the listing does not see it.
        _spans.OnListing = () => _spans.AddAsync([Naming("a", 1, 2) with { StartTs = 1 }], TestToken);
        await counter.CountAsync(_incident.Id, TestToken);
        _spans.OnListing = null;
        Assert.Equal(2, (await counter.CountAsync(_incident.Id, TestToken)).Spans);
    }

    [Fact]
    public async Task Of_many_that_are_missing_only_those_that_came_are_looked_at()
    {
        var arriving = new ArrivingArtifacts();
        var counter = new IncidentCounter(_spans, arriving);
        await _spans.AddAsync([.. Enumerable.Range(0, 30_000).Select(i => Naming($"s{i}", i, -i))], TestToken);
        await arriving.AddAsync(7);
        Assert.Equal(new IncidentCounts(30_000, 1), await counter.CountAsync(_incident.Id, TestToken));
        for (var i = 0; i < 12_000; i++)
        {
            // Every third is of another incident.
            await arriving.AddAsync(i % 3 == 0 ? 100_000 + i : i);
            if (i % 1_000 == 0)
            {
                Assert.Equal(new IncidentCounts(30_000, i < 7 ? 1 + i - ((i + 2) / 3) : i + 1 - ((i + 3) / 3)), await counter.CountAsync(_incident.Id, TestToken));
            }
        }

        Assert.Equal(new IncidentCounts(30_000, 8_000), await counter.CountAsync(_incident.Id, TestToken));
        Assert.Equal((1, 1), (arriving.Looks, _spans.Listings));
        // The seventh was there.
        Assert.Equal(11_999, arriving.Shown);
    }

    [Fact]
    public async Task Looks_at_the_same_time_count_each_artifact_once()
    {
        var arriving = new ArrivingArtifacts();
        var counter = new IncidentCounter(_spans, arriving);
        await _spans.AddAsync([.. Enumerable.Range(0, 100).Select(i => Naming($"s{i}", i, i))], TestToken);
        await counter.CountAsync(_incident.Id, TestToken);
        for (var i = 0; i < 100; i++)
        {
            // Each look is held up until the others have the same answer.
            await arriving.AddAsync(i);
            arriving.Holding = new TaskCompletionSource();
            var looks = Enumerable.Range(0, 4).Select(_ => counter.CountAsync(_incident.Id, TestToken).AsTask()).ToList();
            arriving.Holding.SetResult();
            Assert.All(await Task.WhenAll(looks), counts => Assert.Equal(new IncidentCounts(100, i + 1), counts));
        }
    }

    [Fact]
    public async Task A_store_that_knows_no_arrivals_is_asked_for_what_is_missing()
    {
        var counter = new IncidentCounter(_spans, new PlainArtifacts(_rows));
        await _spans.AddAsync([.. Enumerable.Range(0, 12_000).Select(i => Naming($"s{i}", i, i))], TestToken);
        Assert.Equal(new IncidentCounts(12_000, 0), await counter.CountAsync(_incident.Id, TestToken));
        for (var i = 0; i < 12_000; i += 4)
        {
            await AddRowAsync(i);
        }

        Assert.Equal(new IncidentCounts(12_000, 3_000), await counter.CountAsync(_incident.Id, TestToken));
        await AddRowAsync(1);
        Assert.Equal(new IncidentCounts(12_000, 3_001), await counter.CountAsync(_incident.Id, TestToken));
        Assert.Equal(1, _spans.Listings);
    }

    [Fact]
    public async Task The_figures_of_an_incident_are_worked_out_once_and_again_when_it_has_more_spans()
    {
        var incidents = new InMemoryIncidentStore();
        await incidents.AddAsync(_incident, TestToken);
        var reader = new KpiReader(incidents, _spans);
        await _spans.AddAsync([Samples.Span("a", 1_750_000_000_000, incidentId: Id)], TestToken);
        var first = await reader.ReadAsync(_incident.Id, TestToken);
        Assert.Equal(1, first!.Evidence!.SpanCount);
        Assert.Same(first, await reader.ReadAsync(_incident.Id, TestToken));
        Assert.Equal(1, _spans.Listings);
        await _spans.AddAsync([Samples.Span("b", 1_750_000_001_000, incidentId: Id), Samples.Span("c", 1_750_000_002_000)], TestToken);
        Assert.Equal(2, (await reader.ReadAsync(_incident.Id, TestToken))!.Evidence!.SpanCount);
        await _spans.LinkAsync(Id, ["c"], TestToken);
        Assert.Equal(3, (await reader.ReadAsync(_incident.Id, TestToken))!.Evidence!.SpanCount);
    }

    private static ArtifactDigest DigestOf(int number) => ArtifactDigest.Of(Encoding.UTF8.GetBytes($"artifact {number}"));

    private Span Naming(string id, int arguments, int result) =>
        Samples.Span(id, incidentId: Id) with { ArgsDigest = DigestOf(arguments).ToString(), ResultDigest = DigestOf(result).ToString() };

    private ValueTask<WriteOutcome> AddRowAsync(int number) =>
        _rows.AddAsync(new Artifact { Digest = DigestOf(number), Length = 1, Mime = "text/plain", CreatedTs = Samples.Instant }, TestToken);

    // A store of somebody's own.
    private sealed class PlainArtifacts(IArtifactStore inner) : IArtifactStore
    {
        public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default) => inner.AddAsync(artifact, cancellationToken);

        public ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) => inner.GetAsync(digest, cancellationToken);

        public IAsyncEnumerable<Artifact> FindAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default) =>
            inner.FindAsync(digests, cancellationToken);
    }

    // Counts what is looked at.
    private sealed class ArrivingArtifacts : IArtifactStore, IArtifactArrivals
    {
        private readonly InMemoryArtifactStore _inner = new();

        public int Looks { get; private set; }

        public int Shown { get; private set; }

        public TaskCompletionSource? Holding { get; set; }

        public ValueTask<WriteOutcome> AddAsync(int number) =>
            AddAsync(new Artifact { Digest = DigestOf(number), Length = 1, Mime = "text/plain", CreatedTs = Samples.Instant }, TestToken);

        public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default) => _inner.AddAsync(artifact, cancellationToken);

        public ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) => _inner.GetAsync(digest, cancellationToken);

        public IAsyncEnumerable<Artifact> FindAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("It was not to be asked for each.");

        public async ValueTask<long?> ShowSinceAsync(long? since, Action<ArtifactDigest> show, CancellationToken cancellationToken = default)
        {
            var mark = await ((IArtifactArrivals)_inner).ShowSinceAsync(since, Show, cancellationToken);
            await (Holding?.Task ?? Task.CompletedTask);
            return mark;

            void Show(ArtifactDigest digest)
            {
                Shown++;
                show(digest);
            }
        }

        public ValueTask ShowPresentAsync(IReadOnlyCollection<ArtifactDigest> wanted, Action<ArtifactDigest> show, CancellationToken cancellationToken = default)
        {
            Looks++;
            return ((IArtifactArrivals)_inner).ShowPresentAsync(wanted, show, cancellationToken);
        }
    }

    // Counts how often spans are listed.
    private sealed class ListingCounter : ISpanStore, ISpanLinker
    {
        private readonly InMemorySpanStore _inner = new();

        public int Listings { get; private set; }

        public Func<ValueTask<SpanWriteResult>>? OnListing { get; set; }

        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            _inner.AddAsync(spans, cancellationToken);

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => _inner.GetAsync(spanId, cancellationToken);

        public ValueTask<long> CountAsync(string incidentId, CancellationToken cancellationToken = default) =>
            _inner.CountAsync(incidentId, cancellationToken);

        public async IAsyncEnumerable<Span> ListAsync(
            SpanQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Listings++;
            await foreach (var span in _inner.ListAsync(query, cancellationToken))
            {
                if (OnListing is { } meanwhile)
                {
                    await meanwhile();
                }

                yield return span;
            }
        }

        public IAsyncEnumerable<Span> ListTraceAsync(string traceId, CancellationToken cancellationToken = default) =>
            _inner.ListTraceAsync(traceId, cancellationToken);

        public ValueTask<SpanLinkResult> LinkAsync(
            string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default) =>
            _inner.LinkAsync(incidentId, spanIds, cancellationToken);
    }
}
