using System.Collections.Concurrent;

namespace AgentOps.Rca.Spans;

/// <summary>
/// Brings log records into the incident of the call they belong to, whichever of the two comes first: a log that is stored looks for its
/// call, and a call that is stored or linked looks for its logs. Both look after they wrote, so one of them sees the other.
/// </summary>
public sealed class SpanLogLinks
{
    private const int Readers = 8;

    private readonly ISpanStore _spans;
    private readonly ISpanLinker? _linker;

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
        var found = new ConcurrentBag<(string IncidentId, IEnumerable<string> Logs)>();
        await Parallel.ForEachAsync(open, Options(cancellationToken), async (ofCall, token) =>
        {
            if (await _spans.GetAsync(ofCall.Key, token) is { IncidentId: { } incidentId })
            {
                found.Add((incidentId, ofCall));
            }
        });
        foreach (var incident in found.GroupBy(static call => call.IncidentId, static call => call.Logs, StringComparer.Ordinal))
        {
            await linker.LinkAsync(incident.Key, [.. incident.SelectMany(static ids => ids)], cancellationToken);
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
        await Parallel.ForEachAsync(spanIds, Options(cancellationToken), async (spanId, token) =>
        {
            await foreach (var log in linker.ListTraceAsync(spanId, token))
            {
                if (log is { Tool: ToolNames.Log, IncidentId: null } && log.ParentId == spanId)
                {
                    found.Add(log.SpanId);
                }
            }
        });
        return found.IsEmpty ? SpanLinkResult.Empty : await linker.LinkAsync(incidentId, found, cancellationToken);
    }

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken };
}
