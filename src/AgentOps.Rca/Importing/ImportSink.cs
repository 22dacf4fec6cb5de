using System.Globalization;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Importing;

/// <summary>
/// Where readers of formats put their spans: through the mapping that OTLP has, in batches, with what was left out counted.
/// </summary>
internal sealed class ImportSink(OtlpIntake intake, ISpanLinking linking, ImportRequest request) : IDisposable
{
    private const int BatchSize = 1_000;
    private const long MostBatchBytes = 2 * 1024 * 1024;
    private const string OtherKinds = "Other things were left out, too.";

    private readonly OtlpSpanMapper _mapper = new();
    private readonly Dictionary<string, (long Count, FilePlace First)> _leftOut = new(StringComparer.Ordinal);
    private readonly List<string> _runs = [];
    private readonly HashSet<UInt128> _known = [];
    private readonly ImportIncidents _incidents = new(request);
    private List<OtlpMapped> _batch = [];
    private long _batchBytes;

    /// <summary>The incidents that spans were given.</summary>
    public ImportIncidents Incidents => _incidents;

    public long Added { get; private set; }

    public long Known { get; private set; }

    public long Refused { get; private set; }

    /// <summary>How many spans were given.</summary>
    public long Taken { get; private set; }

    public long WithoutTime { get; set; }

    public long LeftOutCount { get; private set; }

    /// <summary>How many characters readers hold of what is not complete yet.</summary>
    public long Waiting { get; set; }

    public IReadOnlyList<string> Runs => _runs;

    public long RunCount => _known.Count;

    public IReadOnlyList<LeftOut> LeftOuts => [.. _leftOut.Select(static kind => new LeftOut(kind.Key, kind.Value.Count, kind.Value.First))];

    /// <summary>How many bytes were read; told with the progress.</summary>
    public Func<long> BytesRead { get; set; } = static () => 0;

    public void Dispose() => _mapper.Dispose();

    /// <summary>Notes that something is not in the spans.</summary>
    public void LeaveOut(string what, FilePlace place, long count = 1)
    {
        LeftOutCount += count;
        what = _leftOut.ContainsKey(what) || _leftOut.Count < FileImport.MostLeftOut - 1 ? what : OtherKinds;
        _leftOut[what] = _leftOut.TryGetValue(what, out var known) ? (known.Count + count, known.First) : (count, place);
    }

    /// <summary>
    /// Notes what is known to tell of no step. It is no gap in what was read, so it is neither counted nor named; it only says what a file holds in
    /// which there is nothing else.
    /// </summary>
    public void PassOver(string what, FilePlace place) => FirstPassedOver ??= new LeftOut(what, 1, place);

    /// <summary>The first of what was passed over, or null.</summary>
    public LeftOut? FirstPassedOver { get; private set; }

    /// <summary>Takes a span; it is stored with its batch.</summary>
    public async ValueTask AddAsync(OtlpSpan record, FilePlace place, CancellationToken cancellationToken)
    {
        if (_mapper.Map(record, _incidents.Of(RunOf(record.TraceId), place), out var problem) is { } mapped)
        {
            await AddAsync(mapped, place, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            LeaveOut(problem!, place);
        }
    }

    /// <summary>Takes a log record.</summary>
    public async ValueTask AddAsync(OtlpLog record, FilePlace place, CancellationToken cancellationToken)
    {
        if (OtlpLogMapper.Map(_mapper, record, _incidents.Of(RunOf(record.TraceId), place), out var problem) is { } mapped)
        {
            await AddAsync(mapped, place, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            LeaveOut(problem!, place);
        }
    }

    /// <summary>Stores what was given and is not stored yet.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0)
        {
            return;
        }

        // Whoever is told of the spans may hold on to them.
        var batch = _batch;
        (_batch, _batchBytes) = ([], 0);
        var written = await intake.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        Added += written.Added;
        Known += written.Duplicates;
        if (written.Conflicts.Count > 0)
        {
            await SettleAsync(batch, written.Conflicts, cancellationToken).ConfigureAwait(false);
        }

        request.Progress?.Report(new ImportProgress(BytesRead(), Added + Known));
    }

    private async ValueTask AddAsync(OtlpMapped mapped, FilePlace place, CancellationToken cancellationToken)
    {
        request.OnSpan?.Invoke(new ImportedSpan(mapped.Span.SpanId, mapped.Span.Tool, place));
        Taken++;
        _incidents.Count(mapped.Span.IncidentId);
        _batch.Add(mapped);
        _batchBytes += (mapped.Arguments?.Content.Length ?? 0) + (mapped.Result?.Content.Length ?? 0);
        if (_batch.Count == BatchSize || _batchBytes > MostBatchBytes)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // A span that came before without an incident, by OTLP or by another import, is the same record: it only gets its incident now.
    private async ValueTask SettleAsync(List<OtlpMapped> batch, IReadOnlyList<string> conflicts, CancellationToken cancellationToken)
    {
        var ids = conflicts.ToHashSet(StringComparer.Ordinal);
        List<OtlpMapped> again = [.. batch.Where(mapped => mapped.Span.IncidentId is not null && ids.Contains(mapped.Span.SpanId))
            .DistinctBy(static mapped => mapped.Span.SpanId)
            .Select(static mapped => mapped with { Span = mapped.Span with { IncidentId = null } })];
        var others = ids;
        if (again.Count > 0)
        {
            var known = await intake.WriteAsync(again, cancellationToken).ConfigureAwait(false);
            others = [.. known.Conflicts, .. ids.Except(again.Select(static mapped => mapped.Span.SpanId))];
            foreach (var of in batch.Where(mapped => mapped.Span.IncidentId is not null && ids.Contains(mapped.Span.SpanId) && !others.Contains(mapped.Span.SpanId))
                .DistinctBy(static mapped => mapped.Span.SpanId).GroupBy(static mapped => mapped.Span.IncidentId!, StringComparer.Ordinal))
            {
                string[] same = [.. of.Select(static mapped => mapped.Span.SpanId)];
                var linked = await linking.LinkAsync(Guid.ParseExact(of.Key, "D"), [], same, cancellationToken).ConfigureAwait(false);
                Known += same.Length - linked.ConflictCount;
                Refuse("A span belongs to another incident, and stays there", linked.ConflictCount, linked.Conflicts);
            }
        }

        Refuse("Another span is stored under the same id, and stays", others.Count, [.. others]);
    }

    private void Refuse(string what, long count, IReadOnlyList<string> ids)
    {
        if (count > 0)
        {
            Refused += count;
            LeaveOut(string.Create(CultureInfo.InvariantCulture, $"{what}; the first is {ids[0]}."), default, count);
        }
    }

    // The run, which is counted; null where the id is none.
    private string? RunOf(string? traceId)
    {
        if (!UInt128.TryParse(traceId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }

        if (_known.Count < FileImport.MostRunsCounted && _known.Add(id) && _runs.Count < FileImport.MostRuns)
        {
            _runs.Add(traceId!);
        }

        return traceId;
    }
}
