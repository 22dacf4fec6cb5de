namespace AgentOps.Rca.Spans;

/// <summary>Links spans by their ids and by their traces.</summary>
internal sealed class SpanLinking(ISpanLinker linker, SpanLogLinks logs) : ISpanLinking
{
    private const int MostNamed = 1_000;
    private const int BatchSize = 1_000;

    public async ValueTask<SpanLinkingResult> LinkAsync(
        Guid incidentId, IReadOnlyCollection<string> traceIds, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(traceIds);
        ArgumentNullException.ThrowIfNull(spanIds);
        var sum = new Sum(linker, logs, incidentId.ToString("D"));
        await sum.AddWithLogsAsync(spanIds, cancellationToken).ConfigureAwait(false);
        foreach (var trace in traceIds.Distinct(StringComparer.Ordinal))
        {
            await sum.AddTraceAsync(trace, cancellationToken).ConfigureAwait(false);
        }

        return sum.Result();
    }

    /// <summary>Adds up what became of the spans. Of the ids, at most <see cref="MostNamed"/> of a kind are kept.</summary>
    private sealed class Sum(ISpanLinker linker, SpanLogLinks logs, string incidentId)
    {
        private readonly List<string> _conflicts = [];
        private readonly List<string> _unknownSpans = [];
        private readonly List<string> _unknownTraces = [];
        private long _linked;
        private long _alreadyLinked;
        private long _conflictCount;

        public SpanLinkingResult Result() => new(_linked, _alreadyLinked, _conflictCount, _conflicts, _unknownSpans, _unknownTraces);

        /// <summary>Links these spans, and then the log records that came before that.</summary>
        public async ValueTask AddWithLogsAsync(IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken)
        {
            if (spanIds.Count == 0)
            {
                return;
            }

            var result = await linker.LinkAsync(incidentId, spanIds, cancellationToken).ConfigureAwait(false);
            Add(result);
            Add(await logs.LinkLogsOfAsync(incidentId, spanIds.Except(result.Conflicts).Except(result.Unknown), cancellationToken).ConfigureAwait(false));
        }

        public async ValueTask AddTraceAsync(string traceId, CancellationToken cancellationToken)
        {
            List<string> ids = [];
            var any = false;
            await foreach (var span in linker.ListTraceAsync(traceId, cancellationToken).ConfigureAwait(false))
            {
                any = true;
                ids.Add(span.SpanId);
                if (ids.Count == BatchSize)
                {
                    await AddAsync(ids, cancellationToken).ConfigureAwait(false);
                    ids.Clear();
                }
            }

            await AddAsync(ids, cancellationToken).ConfigureAwait(false);
            if (any)
            {
                await AddLateLogsAsync(traceId, cancellationToken).ConfigureAwait(false);
            }
            else if (_unknownTraces.Count < MostNamed)
            {
                _unknownTraces.Add(traceId);
            }
        }

        // A log record that was stored while the trace was read found its call without an incident.
        private async ValueTask AddLateLogsAsync(string traceId, CancellationToken cancellationToken)
        {
            List<string> late = [];
            await foreach (var span in linker.ListTraceAsync(traceId, cancellationToken).ConfigureAwait(false))
            {
                if (span is { Tool: ToolNames.Log, IncidentId: null })
                {
                    late.Add(span.SpanId);
                }
            }

            await AddAsync(late, cancellationToken).ConfigureAwait(false);
        }

        private async ValueTask AddAsync(List<string> spanIds, CancellationToken cancellationToken)
        {
            if (spanIds.Count > 0)
            {
                Add(await linker.LinkAsync(incidentId, spanIds, cancellationToken).ConfigureAwait(false));
            }
        }

        private void Add(SpanLinkResult result)
        {
            _linked += result.Linked;
            _alreadyLinked += result.AlreadyLinked;
            _conflictCount += result.Conflicts.Count;
            _conflicts.AddRange(result.Conflicts.Take(MostNamed - _conflicts.Count));
            _unknownSpans.AddRange(result.Unknown.Take(MostNamed - _unknownSpans.Count));
        }
    }
}
