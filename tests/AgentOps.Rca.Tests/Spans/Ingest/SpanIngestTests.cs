using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Spans.Ingest;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Tests.Spans.Ingest;

public sealed class SpanIngestTests
{
    [Fact]
    public async Task The_next_batch_is_read_while_the_last_one_is_written()
    {
        var store = new GatedStore();
        var bytes = Lines(0, 3_000);
        var given = 0;
        var body = new TrickleStream(bytes, () =>
        {
            given += 1_000;
            if (given > bytes.Length / 2)
            {
                // The first write ends only now: had the reader waited for it, it would wait for ever.
                store.Open.TrySetResult();
            }

            return 1_000;
        });
        var ingest = new SpanIngest(new SpanIntake(store), new InMemoryArtifactStore());

        Assert.Null(await Task.Run(() => ingest.RunAsync(body).AsTask()).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(3_000, ingest.Accepted);
        Assert.Equal([1_000, 1_000, 1_000], store.Batches);
        Assert.Equal(1, store.MostAtOnce);
    }

    [Fact]
    public async Task When_the_source_fails_the_batches_before_are_stored_and_counted()
    {
        var store = new InMemorySpanStore();
        var ingest = new SpanIngest(new SpanIntake(store), new InMemoryArtifactStore());
        var bytes = Lines(0, 2_500);
        var sent = 0;
        var body = new TrickleStream(bytes, () => (sent += 1_000) < bytes.Length - 5_000 ? 1_000 : throw new IOException("The connection is gone."));

        await Assert.ThrowsAsync<IOException>(() => ingest.RunAsync(body).AsTask());

        Assert.Equal(2_000, ingest.Accepted);
    }

    [Fact]
    public async Task When_the_store_fails_the_failure_comes_out_and_nothing_is_written_behind_it()
    {
        var ingest = new SpanIngest(new SpanIntake(new FailingStore()), new InMemoryArtifactStore());

        await Assert.ThrowsAsync<StoreUnavailableException>(() => ingest.RunAsync(new MemoryStream(Lines(0, 5_000))).AsTask());

        Assert.Equal(0, ingest.Accepted);
    }

    private static byte[] Lines(int from, int count) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(from, count).Select(i => string.Create(
        CultureInfo.InvariantCulture, $"{{\"span_id\":\"s{i}\",\"tool\":\"t\",\"start_ts\":{i},\"end_ts\":{i}}}\n"))));

    private abstract class WriteOnlyStore : ISpanStore
    {
        public abstract ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken);

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken) => ValueTask.FromResult<Span?>(null);

        public async IAsyncEnumerable<Span> ListAsync(SpanQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }
    }

    private sealed class GatedStore : WriteOnlyStore
    {
        private int _now;

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<int> Batches { get; } = [];

        public int MostAtOnce { get; private set; }

        public override async ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _now));
            Batches.Add(spans.Count);
            await Open.Task;
            Interlocked.Decrement(ref _now);
            return new SpanWriteResult(spans.Count, 0, []);
        }
    }

    private sealed class FailingStore : WriteOnlyStore
    {
        public override ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken) =>
            throw new StoreUnavailableException("The database does not answer.");
    }
}
