using System.Runtime.CompilerServices;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Draws pieces of runs.</summary>
internal sealed class TimelineReader(IIncidentStore incidents, SpanTables tables)
{
    private const int MostPx = 4_000;
    private const int MostRows = 1_000;
    private const int MostFailures = 200;

    public async ValueTask<TimelineOutcome> ReadAsync(TimelineQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Px, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Px, MostPx);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Row);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Rows, MostRows);
        if (await incidents.GetAsync(query.IncidentId, cancellationToken).ConfigureAwait(false) is null)
        {
            return new TimelineOutcome.IncidentNotFound(query.IncidentId);
        }

        var run = await tables.ReadAsync(query.IncidentId, cancellationToken).ConfigureAwait(false);
        if (query.At is { } named && run.Table.Find(named) == SpanTable.None)
        {
            return new TimelineOutcome.SpanNotFound(named);
        }

        return new TimelineOutcome.Found(Draw(run.Table, run.Extent, query));
    }

    internal static RunTimeline Draw(SpanTable table, RunExtent extent, TimelineQuery query)
    {
        if (extent.Spans == 0)
        {
            return new RunTimeline { IncidentId = query.IncidentId, Px = query.Px, Failures = new TimelineFailures(null, null, null, null, [], 0, 0) };
        }

        var from = query.From is { } start ? EpochUnit.FromInstant(start) : extent.StartNs;
        var to = Math.Max(from == long.MaxValue ? from : from + 1, query.To is { } end ? EpochUnit.FromInstant(end) : extent.EndNs);
        var range = new TimeRange(from, to);
        var lanes = TimelineLanes.Of(table, range, query.Px);
        var atRow = query.At is { } named ? RowOf(table, range, Drawn(table, table.Find(named))) : null;
        var row = atRow is { } at ? Math.Max(0, at - (query.Rows / 2)) : query.Row;
        var (gaps, idle) = TimelineGaps.Of(table, extent, range);
        return new RunTimeline
        {
            IncidentId = query.IncidentId,
            Origin = EpochUnit.ToInstant(extent.StartNs),
            DurationMs = Milliseconds.Between(extent.StartNs, extent.EndNs),
            FromMs = Milliseconds.Between(extent.StartNs, from),
            ToMs = Milliseconds.Between(extent.StartNs, to),
            Px = query.Px,
            SpanCount = extent.Spans,
            FailedCount = extent.Failed,
            SpansInRange = lanes.Spans,
            FailedInRange = lanes.Failed,
            Lanes = lanes.Lanes,
            LanesLeftOut = lanes.LeftOut,
            Gaps = [.. gaps.Select(gap => new TimelineGap(Milliseconds.Between(extent.StartNs, gap.FromNs), Milliseconds.Between(extent.StartNs, gap.ToNs), Math.Round(gap.Length / range.Length, 6)))],
            IdleShare = Math.Round(idle / range.Length, 6),
            Failures = Failures(table, extent, range),
            WithoutEnd = extent.WithoutEnd,
            EndBeforeStart = extent.EndBeforeStart,
            UnknownParents = extent.UnknownParents,
            Clock = table.Skew is { } skew ? new TimelineClock(skew.Spans, Milliseconds.Of(skew.LargestNs)) : null,
            Row = row,
            AtRow = atRow,
            Rows = Rows(table, extent, range, row, query.Rows),
        };
    }

    private static TimelineFailures Failures(SpanTable table, RunExtent extent, TimeRange range)
    {
        var failed = extent.FailedByStart;
        var (low, high) = (IndexOf(range.FromNs), IndexOf(range.ToNs));
        return new TimelineFailures(
            failed.Length > 0 ? Failure(failed[0]) : null,
            failed.Length > 0 ? Failure(failed[^1]) : null,
            low > 0 ? Failure(failed[low - 1]) : null,
            high < failed.Length ? Failure(failed[high]) : null,
            [.. failed[low..Math.Min(high, low + MostFailures)].Select(Failure)],
            Math.Max(0, high - low - MostFailures),
            low);

        // The first that began at this time or later.
        int IndexOf(long time)
        {
            var (from, to) = (0, failed.Length);
            while (from < to)
            {
                var middle = (from + to) / 2;
                (from, to) = table.StartNs[failed[middle]] < time ? (middle + 1, to) : (from, middle);
            }

            return from;
        }

        TimelineFailure Failure(int span) => new(table.IdOf(span), table.Tools[table.Tool[span]], Milliseconds.Between(extent.StartNs, table.StartNs[span]));
    }

    // A log record is told with the call above it.
    private static int Drawn(SpanTable table, int span)
    {
        while (span != SpanTable.None && !RunExtent.IsDrawn(table, span))
        {
            span = table.Parent[span];
        }

        return span;
    }

    // The first run of a million calls must not wait until the runtime has seen that it is a loop.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int? RowOf(SpanTable table, TimeRange range, int wanted)
    {
        var row = 0;
        foreach (var span in table.ByRank)
        {
            if (RunExtent.IsDrawn(table, span) && range.Touches(table.StartNs[span], table.EndNs[span]))
            {
                if (span == wanted)
                {
                    return row;
                }

                row++;
            }
        }

        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static List<TimelineRow> Rows(SpanTable table, RunExtent extent, TimeRange range, int first, int most)
    {
        List<TimelineRow> rows = [];
        var at = 0;
        foreach (var span in table.ByRank)
        {
            if (rows.Count == most)
            {
                break;
            }

            if (!RunExtent.IsDrawn(table, span) || !range.Touches(table.StartNs[span], table.EndNs[span]) || at++ < first)
            {
                continue;
            }

            var (flags, lane) = (table.Flags[span], table.Lanes[table.Lane[span]]);
            rows.Add(new TimelineRow
            {
                SpanId = table.IdOf(span),
                ParentId = table.Parent[span] is not SpanTable.None and var parent ? table.IdOf(parent) : null,
                Tool = table.Tools[table.Tool[span]],
                Depth = table.Depth[span],
                Agent = lane.Agent,
                Service = lane.Service,
                StartMs = Milliseconds.Between(extent.StartNs, table.StartNs[span]),
                DurationMs = (flags & (SpanMarks.NoEnd | SpanMarks.EndsBeforeStart)) == 0 ? Milliseconds.Between(table.StartNs[span], table.EndNs[span]) : null,
                Failed = flags.HasFlag(SpanMarks.Failed),
                NoEnd = flags.HasFlag(SpanMarks.NoEnd),
                MovedMs = table.Skew is { } skew ? Milliseconds.Of(skew.ShiftNs[span]) : 0,
            });
        }

        return rows;
    }
}

/// <summary>A range of time.</summary>
/// <param name="FromNs">Its first nanosecond.</param>
/// <param name="ToNs">The nanosecond after its last.</param>
internal readonly record struct TimeRange(long FromNs, long ToNs)
{
    /// <summary>How many nanoseconds it has.</summary>
    public double Length => (double)((Int128)ToNs - FromNs);

    /// <summary>Whether a call lies in it, at least in part; one without a length is where it starts.</summary>
    public bool Touches(long startNs, long endNs) => startNs < ToNs && Math.Max(startNs, endNs) >= FromNs;
}
