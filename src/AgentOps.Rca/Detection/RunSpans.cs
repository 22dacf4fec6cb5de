using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>
/// Finds the runs of agents with the spans below them. Spans from OpenTelemetry are found by their trace. Spans with other ids are found
/// by the time of their run and by their parents.
/// </summary>
internal sealed partial class RunSpans(
    [FromKeyedServices(SharedStores.Key)] ISpanStore spans, ISpanLinker linker, IOptions<IncidentDetectionOptions> options, ILogger<RunSpans> logger)
{
    private const int MostSpans = 200_000;
    private const int MostParents = 64;

    private readonly Lazy<RunKinds> _kinds = new(() => new RunKinds(options.Value.Runs));

    /// <summary>What makes a span a run here.</summary>
    public RunKinds Kinds => _kinds.Value;

    /// <summary>Under which key the runs around a span are read: <c>trace_id:</c> for OpenTelemetry's ids, else the span's own id.</summary>
    public static string KeyOf(string spanId) => TraceOf(spanId) is { } trace ? $"{trace}:" : spanId;

    /// <summary>Whether a key names a trace.</summary>
    public static bool IsTrace(string key) => key.IndexOf(':', StringComparison.Ordinal) is > 0;

    /// <summary>Why runs cannot be found in this store, or null.</summary>
    public string? FindProblem() => MissingSpanAbilities.FindProblem(linker, nameof(ISpanLinker), "DetectIncidents");

    /// <summary>The runs under a key.</summary>
    public async ValueTask<IReadOnlyList<EndedRun>> ReadAsync(string key, CancellationToken cancellationToken)
    {
        if (TraceOf(key) is { } trace)
        {
            return [.. EndedRun.In(await ReadAsync(key, linker.ListTraceAsync(trace, cancellationToken)).ConfigureAwait(false), Kinds)];
        }

        if (await FindOutermostAsync(key, cancellationToken).ConfigureAwait(false) is not { } root)
        {
            return [];
        }

        // What a run calls starts while it runs, in the same unit of time.
        var query = new SpanQuery { FromTs = root.StartTs, ToTs = Math.Max(root.StartTs, root.EndTs) + 1 };
        var around = await ReadAsync(key, spans.ListAsync(query, cancellationToken)).ConfigureAwait(false);
        return [.. EndedRun.In(around, Kinds, isOneTrace: false).Where(run => run.Root.SpanId == root.SpanId)];
    }

    /// <summary>Gives the spans of a run, and of the request that it served, its incident, those that have none.</summary>
    public async ValueTask LinkAsync(Guid incidentId, EndedRun run, CancellationToken cancellationToken)
    {
        var free = run.Spans.Concat(run.Request).Where(static span => span.IncidentId is null).Select(static span => span.SpanId).ToList();
        if (free.Count > 0)
        {
            await linker.LinkAsync(incidentId.ToString("D"), free, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string? TraceOf(string spanId) => spanId.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? spanId[..colon] : null;

    private async ValueTask<List<Span>> ReadAsync(string key, IAsyncEnumerable<Span> listing)
    {
        List<Span> found = [];
        await foreach (var span in listing.ConfigureAwait(false))
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
            var span = await spans.GetAsync(at, cancellationToken).ConfigureAwait(false);
            outermost = span is not null && (Kinds.IsRun(span) || RunKinds.IsOuterRun(span)) ? span : outermost;
            at = span?.ParentId;
        }

        return outermost;
    }

    [LoggerMessage(1, LogLevel.Warning, "Around {Key} there are more than {Most} spans; the rules see the first of them.")]
    private partial void LogCut(string key, int most);
}
