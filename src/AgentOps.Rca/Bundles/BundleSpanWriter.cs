using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>Writes the spans of an incident as <c>spans.jsonl</c>, and keeps which artifacts they name.</summary>
internal sealed class BundleSpanWriter(string incidentId)
{
    private const int FlushAt = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _lines = new(2 * FlushAt);
    private readonly TextPool _tools = new();

    /// <summary>Every digest that a span names.</summary>
    public HashSet<ArtifactDigest> Named { get; } = [];

    /// <summary>The digests of what analyses looked at.</summary>
    public List<ArtifactDigest> Manifests { get; } = [];

    /// <summary>Writes the spans as they stand in the store.</summary>
    /// <param name="spans">The store.</param>
    /// <param name="stream">Where the lines go.</param>
    /// <param name="cancellationToken">Cancels the reading and the writing.</param>
    public async ValueTask WriteAsync(ISpanStore spans, Stream stream, CancellationToken cancellationToken)
    {
        if (spans is ISpanRows rows)
        {
            await foreach (var batch in SpanRowBatches.ReadAsync(rows, incidentId, cancellationToken).ConfigureAwait(false))
            {
                Write(batch);
                await FlushAsync(stream, 0, cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        await foreach (var span in spans.ListAsync(new SpanQuery { IncidentId = incidentId }, cancellationToken).ConfigureAwait(false))
        {
            Write(span);
            await FlushAsync(stream, FlushAt, cancellationToken).ConfigureAwait(false);
        }

        await FlushAsync(stream, 0, cancellationToken).ConfigureAwait(false);
    }

    private void Write(SpanRowBatch batch)
    {
        using var document = batch.ParseAttributes();
        var place = 0;
        foreach (var attributes in document.RootElement.EnumerateArray())
        {
            Write(batch[place++], attributes);
        }
    }

    private void Write(Span span)
    {
        using var text = new SpanRowText(span);
        Write(text.Row, span.Attributes);
    }

    private void Write(in SpanRow row, JsonElement attributes)
    {
        SpanJson.WriteCanonical(row, incidentId, attributes, _lines);
        _lines.Write("\n"u8);
        var namesArgs = ArtifactDigest.TryParse(row.ArgsDigest, out var args);
        if (namesArgs)
        {
            Named.Add(args);
        }

        if (ArtifactDigest.TryParse(row.ResultDigest, out var result))
        {
            Named.Add(result);
        }

        if (namesArgs && _tools.Of(row.Tool).StartsWith(ToolNames.AnalysisPrefix, StringComparison.Ordinal))
        {
            Manifests.Add(args);
        }
    }

    private async ValueTask FlushAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        if (_lines.WrittenCount > most)
        {
            await stream.WriteAsync(_lines.WrittenMemory, cancellationToken).ConfigureAwait(false);
            _lines.ResetWrittenCount();
        }
    }
}
