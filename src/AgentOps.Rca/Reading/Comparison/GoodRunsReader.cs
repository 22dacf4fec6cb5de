using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>
/// Finds runs of an incident's agent in which nothing failed and that belong to no incident: the nearest before it, then the nearest after.
/// </summary>
internal sealed class GoodRunsReader(IIncidentStore incidents, ISpanStore spans, SpanTables tables, RunSpans runs)
{
    private const int MostRuns = 5;
    private const int MostOpened = 20;
    private const int MostListed = 2_000;
    private const string RunPrefix = ToolNames.AgentRunPrefix;

    // Spans are listed from the oldest on, so the times next to the run are read first.
    private static readonly long[] Seconds = [60, 3_600, 86_400, 30 * 86_400];

    public async ValueTask<GoodRunsOutcome> ReadAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        if (await incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is null)
        {
            return new GoodRunsOutcome.IncidentNotFound(incidentId);
        }

        var table = (await tables.ReadAsync(incidentId, cancellationToken).ConfigureAwait(false)).Table;
        var place = Array.Find(table.ByRank, span => table.Tools[table.Tool[span]].StartsWith(RunPrefix, StringComparison.Ordinal));
        if (table.Count == 0 || !table.Tools[table.Tool[place]].StartsWith(RunPrefix, StringComparison.Ordinal)
            || await spans.GetAsync(table.IdOf(place), cancellationToken).ConfigureAwait(false) is not { } own)
        {
            return new GoodRunsOutcome.Found([]);
        }

        List<GoodRun> good = [];
        var opened = 0;
        foreach (var isBefore in new[] { true, false })
        {
            long reached = 0;
            foreach (var seconds in Seconds)
            {
                var (near, far) = (Ticks(own, reached), Ticks(own, seconds));
                reached = seconds;
                var listed = await ListAsync(own, isBefore ? own.StartTs - far : own.StartTs + near + (near == 0 ? 1 : 0), isBefore ? own.StartTs - near : own.StartTs + far, cancellationToken).ConfigureAwait(false);
                foreach (var root in isBefore ? listed.AsEnumerable().Reverse() : listed)
                {
                    if (good.Count == MostRuns || opened == MostOpened)
                    {
                        return Found();
                    }

                    opened++;
                    if (await OpenAsync(own, root, cancellationToken).ConfigureAwait(false) is { } run)
                    {
                        good.Add(run);
                    }
                }
            }
        }

        return Found();

        GoodRunsOutcome.Found Found() => new([.. good.OrderBy(static run => Math.Abs(run.DistanceSeconds)).ThenBy(static run => run.SpanId, StringComparer.Ordinal)]);
    }

    private static long Ticks(Span own, long seconds) => seconds * (1_000_000_000 / EpochUnit.NanosecondsPerTick(own.StartTs));

    private async ValueTask<List<Span>> ListAsync(Span own, long from, long to, CancellationToken cancellationToken)
    {
        List<Span> listed = [];
        var query = new SpanQuery { WithoutIncident = true, Tool = own.Tool, FromTs = from, ToTs = to, WithoutAttributes = true };
        await foreach (var span in spans.ListAsync(query, cancellationToken).ConfigureAwait(false))
        {
            listed.Add(span);
            if (listed.Count > MostListed)
            {
                listed.RemoveAt(0);
            }
        }

        return listed;
    }

    private async ValueTask<GoodRun?> OpenAsync(Span own, Span root, CancellationToken cancellationToken)
    {
        var around = await runs.ReadAsync(RunSpans.KeyOf(root.SpanId), cancellationToken).ConfigureAwait(false);
        var run = around.FirstOrDefault(run => run.Root.SpanId == root.SpanId);
        return run is null || run.Spans.Any(static span => span.IncidentId is not null || SpanFailure.Read(span.Attributes) is not null)
            ? null
            : new GoodRun(
                root.SpanId,
                root.Tool,
                EpochUnit.ToInstant(EpochUnit.ToNanoseconds(root.StartTs)),
                Math.Round(run.Duration.TotalMilliseconds, 4),
                run.Spans.Count,
                Math.Round((double)((Int128)EpochUnit.ToNanoseconds(own.StartTs) - EpochUnit.ToNanoseconds(root.StartTs)) / 1e9, 3));
    }
}
