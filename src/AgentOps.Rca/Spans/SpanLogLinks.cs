using System.Buffers;
using System.Collections.Concurrent;

namespace AgentOps.Rca.Spans;

/// <summary>
/// Brings log records into the incident of the call they belong to, whichever of the two comes first: a log that is stored looks for its
/// call, and a call that is stored or linked looks for its logs. Both look after they wrote, so one of them sees the other.
/// </summary>
internal sealed class SpanLogLinks
{
    private const int Readers = 8;

    // The form of an id that came by OpenTelemetry, trace_id:span_id: only such a call can have log records below it.
    private const int TraceDigits = 32;
    private const int SpanDigits = 16;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    // So few calls of a trace are looked up one by one; for more the trace is read, as long as that costs no more than looking up would.
    private const int FewCalls = 4;
    private const int OtherSpansPerCall = 16;

    private readonly ISpanStore _spans;
    private readonly ISpanLinker? _linker;
    private volatile bool _anyLogs;

    /// <summary>Makes one over these stores.</summary>
    /// <param name="spans">Where the spans are.</param>
    /// <param name="linker">Links them; null when the store cannot, and then nothing is done.</param>
    public SpanLogLinks(ISpanStore spans, ISpanLinker? linker)
    {
        ArgumentNullException.ThrowIfNull(spans);
        _spans = spans;
        _linker = linker;
    }

    /// <summary>The id of a log record: below that of its call, so that a listing of the call, as of a trace, finds them.</summary>
    internal static string IdOf(string callOrTrace, string rest) => $"{callOrTrace}:{rest}";

    /// <summary>Gives log records that were stored the incident of their call, where it has one.</summary>
    /// <param name="logs">The spans that were stored; those that are no log records or have an incident are passed over.</param>
    /// <param name="cancellationToken">Cancels the call; repeating it is safe.</param>
    public async ValueTask LinkAsync(IEnumerable<Span> logs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (_linker is not { } linker)
        {
            return;
        }

        var open = logs.Where(static log => log is { Tool: ToolNames.Log, IncidentId: null, ParentId: not null })
            .ToLookup(static log => log.ParentId!, static log => log.SpanId, StringComparer.Ordinal);
        List<(string IncidentId, IEnumerable<string> Logs)> found = [];
        await foreach (var call in _spans.FindAsync([.. open.Select(static ofCall => ofCall.Key)], cancellationToken).ConfigureAwait(false))
        {
            if (call.IncidentId is { } incidentId)
            {
                found.Add((incidentId, open[call.SpanId]));
            }
        }

        foreach (var incident in found.GroupBy(static call => call.IncidentId, static call => call.Logs, StringComparer.Ordinal))
        {
            await linker.LinkAsync(incident.Key, [.. incident.SelectMany(static ids => ids)], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the log records of calls that have this incident the incident, too.</summary>
    /// <param name="incidentId">The incident of the calls.</param>
    /// <param name="spanIds">The calls.</param>
    /// <param name="cancellationToken">Cancels the call; repeating it is safe.</param>
    /// <returns>What became of the log records.</returns>
    public async ValueTask<SpanLinkResult> LinkLogsOfAsync(
        string incidentId, IEnumerable<string> spanIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        ArgumentNullException.ThrowIfNull(spanIds);
        if (_linker is not { } linker)
        {
            return SpanLinkResult.Empty;
        }

        var found = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Group(spanIds), Options(cancellationToken), async (calls, token) =>
        {
            foreach (var call in calls.Count > FewCalls ? await FindInTraceAsync(linker, calls, found, token).ConfigureAwait(false) : calls)
            {
                await foreach (var log in linker.ListTraceAsync(call, token).ConfigureAwait(false))
                {
                    if (IsFree(log) && log.ParentId == call)
                    {
                        found.Add(log.SpanId);
                    }
                }
            }
        }).ConfigureAwait(false);
        return found.IsEmpty ? SpanLinkResult.Empty : await linker.LinkAsync(incidentId, found, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Does what spans that were just stored call for, whatever way they came: logs look for their calls, and calls with an incident for
    /// their logs. While no log is stored anywhere, that is one look for each call of this method.
    /// </summary>
    /// <param name="spans">The spans as they came, known ones too: what a failure left undone is done when they are sent again.</param>
    /// <param name="written">What became of them. Those that differ from what is stored are passed over.</param>
    /// <param name="cancellationToken">Cancels the call; repeating it is safe.</param>
    internal async ValueTask LinkStoredAsync(IReadOnlyList<Span> spans, SpanWriteResult written, CancellationToken cancellationToken)
    {
        if (_linker is null)
        {
            return;
        }

        var refused = written.Conflicts.ToHashSet(StringComparer.Ordinal);
        await LinkAsync(spans.Where(log => !refused.Contains(log.SpanId)), cancellationToken).ConfigureAwait(false);
        var calls = spans
            .Where(call => call is { IncidentId: not null, Tool: not ToolNames.Log } && IsOfOpenTelemetry(call.SpanId) && !refused.Contains(call.SpanId))
            .ToLookup(static call => call.IncidentId!, static call => call.SpanId, StringComparer.Ordinal);
        if (calls.Count == 0 || !await AnyLogsAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        foreach (var ofIncident in calls)
        {
            await LinkLogsOfAsync(ofIncident.Key, ofIncident, cancellationToken).ConfigureAwait(false);
        }
    }

    // That there are logs is kept in mind; that there are none may change, by another host too.
    private async ValueTask<bool> AnyLogsAsync(CancellationToken cancellationToken) =>
        _anyLogs = _anyLogs || await _spans.ListAsync(new SpanQuery { Tool = ToolNames.Log, Limit = 1 }, cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Finds logs of these calls by reading their trace, and gives back the calls up to which it did not read.</summary>
    private static async ValueTask<IEnumerable<string>> FindInTraceAsync(
        ISpanLinker linker, HashSet<string> calls, ConcurrentBag<string> found, CancellationToken cancellationToken)
    {
        var others = 0;
        await foreach (var span in linker.ListTraceAsync(calls.First()[..TraceDigits], cancellationToken).ConfigureAwait(false))
        {
            if (IsFree(span) && span.ParentId is { } call && calls.Contains(call))
            {
                found.Add(span.SpanId);
            }
            else if (++others > calls.Count * OtherSpansPerCall)
            {
                // By their ids the logs of a call come right after it.
                return calls.Where(call => string.CompareOrdinal(span.SpanId, IdOf(call, char.MaxValue.ToString())) < 0);
            }
        }

        return [];
    }

    // The calls of each trace together; a call with an id of another form by itself.
    private static IEnumerable<HashSet<string>> Group(IEnumerable<string> spanIds) => spanIds
        .GroupBy(static id => IsOfOpenTelemetry(id) ? id[..TraceDigits] : id, StringComparer.Ordinal)
        .Select(static calls => calls.ToHashSet(StringComparer.Ordinal));

    private static bool IsOfOpenTelemetry(string spanId) =>
        spanId.Length == TraceDigits + 1 + SpanDigits && spanId[TraceDigits] == ':'
        && !spanId.AsSpan(0, TraceDigits).ContainsAnyExcept(HexDigits) && !spanId.AsSpan(TraceDigits + 1).ContainsAnyExcept(HexDigits);

    private static bool IsFree(Span span) => span is { Tool: ToolNames.Log, IncidentId: null };

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken };
}
