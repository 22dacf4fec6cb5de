using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// Takes OTLP requests in: reads them record by record, stores what the calls were given and gave back as artifacts, then the spans, in
/// batches. When it returns, what it counts is durable; sending the request again is safe, since known spans are duplicates.
/// </summary>
internal sealed class OtlpIntake
{
    private const int BatchSize = 1_000;
    private const int MostArtifactBytes = 8 * 1024 * 1024;

    private readonly ISpanIntake _spans;
    private readonly ArtifactVault _artifacts;

    /// <summary>Makes an intake.</summary>
    /// <param name="spans">Where the spans go.</param>
    /// <param name="artifacts">Where arguments, results and messages go.</param>
    public OtlpIntake(ISpanIntake spans, ArtifactVault artifacts)
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(artifacts);
        _spans = spans;
        _artifacts = artifacts;
    }

    /// <summary>Takes an <c>ExportTraceServiceRequest</c> in.</summary>
    /// <param name="body">Its bytes, not compressed.</param>
    /// <param name="encoding">Their form.</param>
    /// <param name="incidentId">The incident of spans that name none themselves, or null.</param>
    /// <param name="cancellationToken">Cancels the intake; what was written is then unknown, and repeating it is safe.</param>
    public async ValueTask<OtlpOutcome> TakeTracesAsync(
        ReadOnlyMemory<byte> body, OtlpEncoding encoding, string? incidentId = null, CancellationToken cancellationToken = default)
    {
        using var mapper = new OtlpSpanMapper();
        return await TakeAsync(
            encoding == OtlpEncoding.Json ? OtlpJson.ReadSpans(body) : OtlpProtobuf.ReadSpans(body),
            record => (mapper.Map(record, incidentId, out var problem), problem),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes an <c>ExportLogsServiceRequest</c> in.</summary>
    /// <param name="body">Its bytes, not compressed.</param>
    /// <param name="encoding">Their form.</param>
    /// <param name="incidentId">The incident of records that name none themselves, or null.</param>
    /// <param name="cancellationToken">Cancels the intake; what was written is then unknown, and repeating it is safe.</param>
    public async ValueTask<OtlpOutcome> TakeLogsAsync(
        ReadOnlyMemory<byte> body, OtlpEncoding encoding, string? incidentId = null, CancellationToken cancellationToken = default)
    {
        using var mapper = new OtlpSpanMapper();
        return await TakeAsync(
            encoding == OtlpEncoding.Json ? OtlpJson.ReadLogs(body) : OtlpProtobuf.ReadLogs(body),
            record => (OtlpLogMapper.Map(mapper, record, incidentId, out var problem), problem),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores spans and what they name. The in-process recorder shares this way.</summary>
    internal async ValueTask<SpanWriteResult> WriteAsync(List<OtlpMapped> batch, CancellationToken cancellationToken)
    {
        await WriteArtifactsAsync(batch, cancellationToken).ConfigureAwait(false);
        var spans = new Span[batch.Count];
        for (var i = 0; i < spans.Length; i++)
        {
            spans[i] = batch[i].Span;
        }

        return await _spans.AddAsync(spans, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<OtlpOutcome> TakeAsync<T>(
        IEnumerable<OtlpRead<T>> records, Func<T, (OtlpMapped? Mapped, string? Problem)> map, CancellationToken cancellationToken)
        where T : OtlpRecord
    {
        var count = new Count();
        List<OtlpMapped> batch = [];
        var bytes = 0L;
        using var reader = records.GetEnumerator();
        while (true)
        {
            if (!TryRead(reader, out var read, out var malformed))
            {
                await WriteAsync(batch, count, cancellationToken).ConfigureAwait(false);
                return count.Sum(malformed);
            }

            var (mapped, problem) = read.Record is { } record ? map(record) : (null, read.Problem);
            if (mapped is null)
            {
                count.Refuse(1, $"{read.Place}: {problem}");
                continue;
            }

            count.Note(read);

            batch.Add(mapped);
            bytes += (mapped.Arguments?.Content.Length ?? 0) + (mapped.Result?.Content.Length ?? 0);
            if (batch.Count == BatchSize || bytes > MostArtifactBytes)
            {
                await WriteAsync(batch, count, cancellationToken).ConfigureAwait(false);
                batch.Clear();
                bytes = 0;
            }
        }
    }

    private static bool TryRead<T>(IEnumerator<OtlpRead<T>> reader, out OtlpRead<T> record, out string? malformed)
        where T : class
    {
        record = default;
        malformed = null;
        try
        {
            if (!reader.MoveNext())
            {
                return false;
            }

            record = reader.Current;
            return true;
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException)
        {
            malformed = exception.Message;
            return false;
        }
    }

    private async ValueTask WriteAsync(List<OtlpMapped> batch, Count count, CancellationToken cancellationToken)
    {
        if (batch.Count > 0)
        {
            count.Add(await WriteAsync(batch, cancellationToken).ConfigureAwait(false));
        }
    }

    // Together, so that the stores make many of them durable at once.
    private async ValueTask WriteArtifactsAsync(List<OtlpMapped> batch, CancellationToken cancellationToken)
    {
        List<ArtifactContent> artifacts = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var mapped in batch)
        {
            Add(mapped.Span.ArgsDigest, mapped.Arguments);
            Add(mapped.Span.ResultDigest, mapped.Result);
        }

        await _artifacts.PutManyAsync(artifacts, cancellationToken).ConfigureAwait(false);

        void Add(string? digest, OtlpArtifact? artifact)
        {
            if (artifact is not null && seen.Add(digest!))
            {
                artifacts.Add(new ArtifactContent(artifact.Content, artifact.Mime));
            }
        }
    }

    // What became of the records, and the first sentences about those that were refused, then about those that are kept otherwise.
    private sealed class Count
    {
        private const int MostSentences = 5;

        private readonly List<string> _refused = [];
        private readonly List<string> _noted = [];
        private long _added;
        private long _duplicates;
        private long _rejected;
        private long _notes;

        public void Add(SpanWriteResult result)
        {
            _added += result.Added;
            _duplicates += result.Duplicates;
            if (result.Conflicts.Count > 0)
            {
                Refuse(result.Conflicts.Count, $"Another span is stored under the id {result.Conflicts[0]}; it stays.");
            }
        }

        public void Refuse(int count, string message)
        {
            _rejected += count;
            if (_refused.Count < MostSentences)
            {
                _refused.Add(message);
            }
        }

        public void Note<T>(OtlpRead<T> read)
            where T : OtlpRecord
        {
            foreach (var unread in read.Record!.Unread ?? [])
            {
                _notes++;
                if (_noted.Count < MostSentences)
                {
                    _noted.Add($"{read.Place} is kept without it: {unread.Problem}");
                }
            }
        }

        public OtlpOutcome Sum(string? malformed) => new(_added, _duplicates, _rejected, Message(), malformed);

        private string? Message()
        {
            if (_refused.Count + _noted.Count == 0)
            {
                return null;
            }

            var rest = _rejected + _notes - _refused.Count - _noted.Count;
            return string.Join(' ', [.. _refused, .. _noted, .. rest > 0 ? [$"And {rest} more."] : Array.Empty<string>()]);
        }
    }
}
