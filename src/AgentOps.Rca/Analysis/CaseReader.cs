using System.Buffers;
using System.Runtime.InteropServices;
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
/// <param name="isWanted">Whether a span of this id is taken.</param>
/// <param name="hashed">Told the digest of each span that was taken, one after the other.</param>
internal sealed class CaseReader(ISpanStore store, SpanForest.Builder forest, Func<string, bool> isWanted, Action<string, ArtifactDigest> hashed)
{
    /// <summary>Whether spans that are no evidence are taken as well.</summary>
    public bool TakesRecords { get; init; }

    /// <summary>Told the names of artifacts that are no digests, as a span gives them.</summary>
    public Action<string, string?, string?>? MalformedFound { get; init; }

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
            if ((TakesRecords || ToolNames.IsEvidence(span.Tool)) && isWanted(span.SpanId))
            {
                forest.Add(span);
                hashed(span.SpanId, SpanJson.Digest(span, buffer));
                if (MalformedFound is not null && (IsMalformed(span.ArgsDigest) || IsMalformed(span.ResultDigest)))
                {
                    MalformedFound(span.SpanId, span.ArgsDigest, span.ResultDigest);
                }
            }
        }
    }

    private async ValueTask ReadRowsAsync(ISpanRows rows, string incidentId, CancellationToken cancellationToken)
    {
        var (forms, other) = (new Forms(), new Forms());
        var hashing = Task.CompletedTask;
        try
        {
            await foreach (var batch in SpanRowBatches.ReadAsync(rows, incidentId, cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Take(batch, incidentId, forms);
                await hashing.ConfigureAwait(false);
                var written = forms;
                hashing = Task.Run(() => written.Hash(hashed), CancellationToken.None);
                (forms, other) = (other, forms);
            }
        }
        finally
        {
            await hashing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await hashing.ConfigureAwait(false);
    }

    private void Take(SpanRowBatch batch, string incidentId, Forms forms)
    {
        using var document = batch.ParseAttributes();
        var index = 0;
        foreach (var attributes in document.RootElement.EnumerateArray())
        {
            var row = batch[index++];
            var tool = forest.Intern(row.Tool);
            if ((TakesRecords || ToolNames.IsEvidence(tool)) && Encoding.UTF8.GetString(row.SpanId) is var spanId && isWanted(spanId))
            {
                forest.Add(spanId, tool, row, attributes);
                forms.Add(spanId, row, incidentId, attributes);
                NoteMalformed(spanId, row);
            }
        }
    }

    private void NoteMalformed(string spanId, in SpanRow row)
    {
        if (MalformedFound is not null
            && ((row.HasArgs && !ArtifactDigest.TryParse(row.ArgsDigest, out _)) || (row.HasResult && !ArtifactDigest.TryParse(row.ResultDigest, out _))))
        {
            MalformedFound(
                spanId, row.HasArgs ? Encoding.UTF8.GetString(row.ArgsDigest) : null, row.HasResult ? Encoding.UTF8.GetString(row.ResultDigest) : null);
        }
    }

    private static bool IsMalformed(string? digest) => digest is not null && !ArtifactDigest.TryParse(digest, out _);

    // The canonical forms of the spans of a batch, one behind the other.
    private sealed class Forms
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(1 << 21);
        private readonly List<(string SpanId, int End)> _spans = [];

        public void Add(string spanId, in SpanRow row, string incidentId, JsonElement attributes)
        {
            SpanJson.WriteCanonical(row, incidentId, attributes, _bytes);
            _spans.Add((spanId, _bytes.WrittenCount));
        }

        public void Hash(Action<string, ArtifactDigest> hashed)
        {
            var start = 0;
            foreach (var (spanId, end) in CollectionsMarshal.AsSpan(_spans))
            {
                hashed(spanId, ArtifactDigest.Of(_bytes.WrittenSpan[start..end]));
                start = end;
            }

            _bytes.ResetWrittenCount();
            _spans.Clear();
        }
    }
}
