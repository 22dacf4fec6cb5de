using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Detection;

/// <summary>
/// Finds the runs of agents with the spans below them. Spans from OpenTelemetry are found by their trace. Spans with other ids are found
/// by the time of their run and by their parents.
/// </summary>
internal sealed partial class RunSpans(ISpanStore spans, ISpanLinker linker, ILogger<RunSpans> logger)
{
    private const int MostSpans = 200_000;
    private const int MostParents = 64;

    /// <summary>Under which key the runs around a span are read: <c>trace_id:</c> for OpenTelemetry's ids, else the span's own id.</summary>
    public static string KeyOf(string spanId) => TraceOf(spanId) is { } trace ? $"{trace}:" : spanId;

    /// <summary>Whether a key names a trace.</summary>
    public static bool IsTrace(string key) => key.IndexOf(':', StringComparison.Ordinal) is > 0;

    /// <summary>The runs under a key.</summary>
    public async ValueTask<IReadOnlyList<EndedRun>> ReadAsync(string key, CancellationToken cancellationToken)
    {
        if (TraceOf(key) is { } trace)
        {
            return [.. EndedRun.In(await ReadAsync(key, linker.ListTraceAsync(trace, cancellationToken)))];
        }

        if (await FindOutermostAsync(key, cancellationToken) is not { } root)
        {
            return [];
        }

        // What a run calls starts while it runs, in the same unit of time.
        var query = new SpanQuery { FromTs = root.StartTs, ToTs = Math.Max(root.StartTs, root.EndTs) + 1 };
        var around = await ReadAsync(key, spans.ListAsync(query, cancellationToken));
        return [.. EndedRun.In(around).Where(run => run.Root.SpanId == root.SpanId)];
    }

    /// <summary>Gives the spans of a run its incident, those that have none.</summary>
    public async ValueTask LinkAsync(Incident incident, EndedRun run, CancellationToken cancellationToken)
    {
        var free = run.Spans.Where(static span => span.IncidentId is null).Select(static span => span.SpanId).ToList();
        if (free.Count > 0)
        {
            await linker.LinkAsync(incident.Id.ToString("D"), free, cancellationToken);
        }
    }

    private static string? TraceOf(string spanId) => spanId.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? spanId[..colon] : null;

    private async ValueTask<List<Span>> ReadAsync(string key, IAsyncEnumerable<Span> listing)
    {
        List<Span> found = [];
        await foreach (var span in listing)
        {
            if (found.Count == MostSpans)
            {
                LogCut(key, MostSpans);
                break;
            }

            found.Add(span);
        }

        return found;
    }

    private async ValueTask<Span?> FindOutermostAsync(string spanId, CancellationToken cancellationToken)
    {
        Span? outermost = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var at = spanId; at is not null && seen.Count < MostParents && seen.Add(at);)
        {
            var span = await spans.GetAsync(at, cancellationToken);
            outermost = span is not null && EndedRun.IsRun(span) ? span : outermost;
            at = span?.ParentId;
        }

        return outermost;
    }

    [LoggerMessage(1, LogLevel.Warning, "Around {Key} there are more than {Most} spans; the rules see the first of them.")]
    private partial void LogCut(string key, int most);
}
