using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Reads the evidence of an incident once, and hashes each span while reading it. The reading, the making of trees and the hashing run beside
/// each other; where the store can show rows, no records are made of them.
/// </summary>
/// <param name="store">Where the spans are.</param>
/// <param name="forest">Takes the spans.</param>
internal sealed class CaseReader(ISpanStore store, SpanForest.Builder forest)
{
    // On more processors than these the store is what is waited for.
    private const int MostHashing = 4;

    /// <summary>Whether spans that are no evidence are taken as well.</summary>
    public bool TakesRecords { get; init; }

    /// <summary>Whether a span of this id is taken; all are by default.</summary>
    public WantSpan? IsWanted { get; init; }

    /// <summary>Told the digest of each span that was taken, in the order in which the forest numbers them.</summary>
    public required Action<int, ArtifactDigest> Hashed { get; init; }

    /// <summary>Told the names of artifacts that are no digests, as a span gives them.</summary>
    public Action<int, string?, string?>? MalformedFound { get; init; }

    /// <summary>Reads the evidence.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async ValueTask ReadAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        var id = incidentId.ToString("D");
        if (store is ISpanRows rows)
        {
            await ReadRowsAsync(rows, id, cancellationToken).ConfigureAwait(false);
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        var query = new SpanQuery { IncidentId = id, IsEvidence = TakesRecords ? null : true };
        await foreach (var span in ReadAhead.Of(store.ListAsync(query, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            using var text = new SpanRowText(span);
            if (Take(text.Row, span.Attributes) is >= 0 and var number)
            {
                buffer.ResetWrittenCount();
                SpanJson.WriteCanonical(text.Row, span.IncidentId, span.Attributes, buffer);
                Hashed(number, ArtifactDigest.Of(buffer.WrittenSpan));
            }
        }
    }

    private async ValueTask ReadRowsAsync(ISpanRows rows, string incidentId, CancellationToken cancellationToken)
    {
        var parts = Math.Clamp(Environment.ProcessorCount, 1, MostHashing);
        Hasher[] hashers = [.. Enumerable.Range(0, parts).Select(part => new Hasher(incidentId, part, parts))];
        try
        {
            List<int> numbers = [];
            ArtifactDigest[] digests = [];
            await foreach (var batch in SpanRowBatches.ReadAsync(rows, incidentId, cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                digests = digests.Length < batch.Count ? new ArtifactDigest[batch.Count] : digests;
                await TakeAsync(batch, hashers, numbers, digests).ConfigureAwait(false);
            }
        }
        finally
        {
            Array.ForEach(hashers, static hasher => hasher.Dispose());
        }
    }

    private async ValueTask TakeAsync(SpanRowBatch batch, Hasher[] hashers, List<int> numbers, ArtifactDigest[] digests)
    {
        using var document = batch.ParseAttributes();
        var attributes = document.RootElement;
        var hashing = Task.WhenAll(hashers.Select(hasher => Task.Run(() => hasher.Hash(batch, attributes, digests), CancellationToken.None)));
        try
        {
            Take(batch, attributes, numbers);
        }
        finally
        {
            // They look at what the batch lent them.
            await hashing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await hashing.ConfigureAwait(false);
        for (var row = 0; row < numbers.Count; row++)
        {
            if (numbers[row] >= 0)
            {
                Hashed(numbers[row], digests[row]);
            }
        }
    }

    private void Take(SpanRowBatch batch, JsonElement attributes, List<int> numbers)
    {
        numbers.Clear();
        foreach (var element in attributes.EnumerateArray())
        {
            numbers.Add(Take(batch[numbers.Count], element));
        }
    }

    // The span's number in the forest, or -1 when it is not taken.
    private int Take(in SpanRow row, JsonElement attributes)
    {
        if ((!TakesRecords && !ToolNames.IsEvidence(forest.Intern(row.Tool))) || IsWanted?.Invoke(row.SpanId) == false || !forest.TryAdd(row, attributes))
        {
            return -1;
        }

        var number = forest.Count - 1;
        if (MalformedFound is not null
            && ((row.HasArgs && !ArtifactDigest.TryParse(row.ArgsDigest, out _)) || (row.HasResult && !ArtifactDigest.TryParse(row.ResultDigest, out _))))
        {
            MalformedFound(
                number, row.HasArgs ? Encoding.UTF8.GetString(row.ArgsDigest) : null, row.HasResult ? Encoding.UTF8.GetString(row.ResultDigest) : null);
        }

        return number;
    }

    /// <summary>Says whether a span is taken.</summary>
    /// <param name="spanId">Its id in UTF-8.</param>
    internal delegate bool WantSpan(ReadOnlySpan<byte> spanId);

    // Hashes its share of the rows of each batch.
    private sealed class Hasher(string incidentId, int part, int parts) : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _form = new(1024);
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Dispose() => _hash.Dispose();

        public void Hash(SpanRowBatch batch, JsonElement attributes, ArtifactDigest[] digests)
        {
            var (from, to) = (batch.Count * part / parts, batch.Count * (part + 1) / parts);
            var row = 0;
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            foreach (var element in attributes.EnumerateArray())
            {
                if (row >= from && row < to)
                {
                    _form.ResetWrittenCount();
                    SpanJson.WriteCanonical(batch[row], incidentId, element, _form);
                    // One hash for all of them takes two thirds of the time that one for each takes.
                    _hash.AppendData(_form.WrittenSpan);
                    _hash.GetHashAndReset(hash);
                    digests[row] = new ArtifactDigest(hash);
                }

                row++;
            }
        }
    }
}
