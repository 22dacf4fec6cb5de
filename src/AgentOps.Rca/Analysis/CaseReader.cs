using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Reads the evidence of an incident once, and hashes each span while reading it. The reading, the making of trees and the hashing run beside
/// each other; where the store can show rows, no records are made of them.
/// </summary>
/// <param name="store">Where the spans are.</param>
/// <param name="takers">Take them; several look at one reading.</param>
internal sealed class CaseReader(ISpanStore store, params IReadOnlyList<CaseTaker> takers)
{
    // On more processors than these the store is what is waited for.
    private const int MostHashing = 4;

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
        var query = new SpanQuery { IncidentId = id, IsEvidence = takers.Any(static taker => taker.TakesRecords) ? null : true };
        await foreach (var span in ReadAhead.Of(store.ListAsync(query, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            using var text = new SpanRowText(span);
            ArtifactDigest? digest = null;
            foreach (var taker in takers)
            {
                if (taker.Take(text.Row, span.Attributes) is >= 0 and var number)
                {
                    taker.Hashed(number, digest ??= DigestOf(text.Row, span, buffer));
                }
            }
        }
    }

    private async ValueTask ReadRowsAsync(ISpanRows rows, string incidentId, CancellationToken cancellationToken)
    {
        var parts = Math.Clamp(Environment.ProcessorCount, 1, MostHashing);
        Hasher[] hashers = [.. Enumerable.Range(0, parts).Select(part => new Hasher(incidentId, part, parts))];
        try
        {
            ArtifactDigest[] digests = [];
            await foreach (var batch in SpanRowBatches.ReadAsync(rows, incidentId, cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                digests = digests.Length < batch.Count ? new ArtifactDigest[batch.Count] : digests;
                await TakeAsync(batch, hashers, digests).ConfigureAwait(false);
            }
        }
        finally
        {
            Array.ForEach(hashers, static hasher => hasher.Dispose());
        }
    }

    private async ValueTask TakeAsync(SpanRowBatch batch, Hasher[] hashers, ArtifactDigest[] digests)
    {
        using var document = batch.ParseAttributes();
        var attributes = document.RootElement;
        var hashing = Task.WhenAll(hashers.Select(hasher => Task.Run(() => hasher.Hash(batch, attributes, digests), CancellationToken.None)));
        try
        {
            foreach (var taker in takers)
            {
                taker.Take(batch, attributes);
            }
        }
        finally
        {
            // They look at what the batch lent them.
            await hashing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await hashing.ConfigureAwait(false);
        foreach (var taker in takers)
        {
            taker.Tell(digests);
        }
    }

    private static ArtifactDigest DigestOf(in SpanRow row, Span span, ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        SpanJson.WriteCanonical(row, span.IncidentId, span.Attributes, buffer);
        return ArtifactDigest.Of(buffer.WrittenSpan);
    }

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
