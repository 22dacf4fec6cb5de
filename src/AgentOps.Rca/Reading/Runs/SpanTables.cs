using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>
/// The tables of the incidents that people look at. A table is remembered while the incident has as many evidence spans as it has: spans
/// never change and never leave their incident, so an equal count means the same spans. What is remembered is bounded.
/// </summary>
internal sealed class SpanTables(ISpanStore spans)
{
    private const long MostBytes = 256L * 1024 * 1024;
    private const int MostExpected = 4_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, LinkedListNode<RememberedRun>> _byIncident = [];
    private readonly LinkedList<RememberedRun> _recent = [];
    private readonly Dictionary<Guid, Task<SpanTable>> _reading = [];

    /// <summary>The run of an incident as it stands.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    public async ValueTask<RememberedRun> ReadAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        var count = await CountAsync(incidentId, cancellationToken).ConfigureAwait(false);
        if (Find(incidentId, count) is { } known)
        {
            return known;
        }

        var (reading, isOwn) = Join(incidentId, count);
        var table = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!isOwn && table.Count < count)
        {
            // It was begun for somebody who asked before the last spans came.
            table = await Join(incidentId, count).Reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return Remember(incidentId, table);
    }

    // What was made of the evidence is little, and is read to be left out of the count.
    private async ValueTask<long> CountAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        var id = incidentId.ToString("D");
        var count = await spans.CountAsync(id, cancellationToken).ConfigureAwait(false);
        await foreach (var span in spans.ListAsync(new SpanQuery { IncidentId = id, IsEvidence = false, WithoutAttributes = true }, cancellationToken).ConfigureAwait(false))
        {
            count -= ToolNames.IsEvidence(span.Tool) ? 0 : 1;
        }

        return count;
    }

    private RememberedRun? Find(Guid incidentId, long count)
    {
        lock (_lock)
        {
            if (!_byIncident.TryGetValue(incidentId, out var node) || node.Value.Table.Count != count)
            {
                return null;
            }

            _recent.Remove(node);
            _recent.AddFirst(node);
            Forget(node.Value);
            return node.Value;
        }
    }

    private (Task<SpanTable> Reading, bool IsOwn) Join(Guid incidentId, long count)
    {
        lock (_lock)
        {
            if (_reading.TryGetValue(incidentId, out var other))
            {
                return (other, false);
            }

            // Several wait for it, so none of them cancels it.
            var reading = Task.Run(() => BuildAsync(incidentId, count), CancellationToken.None);
            _reading.Add(incidentId, reading);
            return (reading, true);
        }
    }

    private async Task<SpanTable> BuildAsync(Guid incidentId, long count)
    {
        try
        {
            var builder = new SpanTableBuilder((int)Math.Clamp(count, 0, MostExpected));
            if (spans is ISpanRows rows)
            {
                await foreach (var batch in SpanRowBatches.ReadAsync(rows, incidentId.ToString("D")).ConfigureAwait(false))
                {
                    for (var i = 0; i < batch.Count; i++)
                    {
                        builder.Add(batch[i]);
                    }
                }

                return builder.Build();
            }

            var query = new SpanQuery { IncidentId = incidentId.ToString("D"), IsEvidence = true };
            await foreach (var span in ReadAhead.Of(spans.ListAsync(query)).ConfigureAwait(false))
            {
                builder.Add(span);
            }

            return builder.Build();
        }
        finally
        {
            lock (_lock)
            {
                _reading.Remove(incidentId);
            }
        }
    }

    private RememberedRun Remember(Guid incidentId, SpanTable table)
    {
        lock (_lock)
        {
            if (_byIncident.Remove(incidentId, out var old))
            {
                if (old.Value.Table == table)
                {
                    _byIncident.Add(incidentId, old);
                    return old.Value;
                }

                _recent.Remove(old);
            }

            var run = new RememberedRun(incidentId, table);
            if (table.Bytes > MostBytes)
            {
                return run;
            }

            _byIncident.Add(incidentId, _recent.AddFirst(run));
            Forget(run);
            return run;
        }
    }

    private void Forget(RememberedRun wanted)
    {
        var bytes = _recent.Sum(static remembered => remembered.Bytes);
        while (bytes > MostBytes && _recent.Last is { } last && last.Value != wanted)
        {
            bytes -= last.Value.Bytes;
            _byIncident.Remove(last.Value.IncidentId);
            _recent.RemoveLast();
        }
    }
}
