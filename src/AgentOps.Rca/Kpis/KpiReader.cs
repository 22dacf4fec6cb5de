using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Kpis;

/// <summary>
/// Reads the figures of an incident out of the stores; spans are streamed, and of each no more than its place is kept. Figures are worked out
/// once and remembered while the incident has the same spans.
/// </summary>
internal sealed class KpiReader : IKpiReader
{
    private readonly IIncidentStore _incidents;
    private readonly ISpanStore _spans;
    private readonly SpanFigures<IncidentKpis> _figures;

    /// <summary>Makes a reader over these stores.</summary>
    /// <param name="incidents">The incidents.</param>
    /// <param name="spans">The spans.</param>
    public KpiReader(IIncidentStore incidents, ISpanStore spans)
    {
        ArgumentNullException.ThrowIfNull(incidents);
        ArgumentNullException.ThrowIfNull(spans);
        _incidents = incidents;
        _spans = spans;
        _figures = new SpanFigures<IncidentKpis>(spans);
    }

    /// <inheritdoc/>
    public async ValueTask<IncidentKpis?> ReadAsync(Guid incidentId, CancellationToken cancellationToken = default)
    {
        if (await _incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return null;
        }

        return _spans is ISpanRows rows
            ? await _figures.ReadAsync(incidentId, id => WorkOutOfRowsAsync(rows, id), cancellationToken).ConfigureAwait(false)
            : await _figures.ReadAsync(incidentId, WorkOutAsync, cancellationToken).ConfigureAwait(false);

        async ValueTask<(IncidentKpis Figures, long Listed)> WorkOutOfRowsAsync(ISpanRows store, string id)
        {
            var calculator = new KpiCalculator(incident);
            var listed = 0L;
            await foreach (var batch in SpanRowBatches.ReadAsync(store, id, cancellationToken).ConfigureAwait(false))
            {
                listed += batch.Count;
                for (var i = 0; i < batch.Count; i++)
                {
                    calculator.Add(batch[i]);
                }
            }

            return (calculator.Build(), listed);
        }

        async ValueTask<IncidentKpis> WorkOutAsync(IAsyncEnumerable<Span> spans)
        {
            var calculator = new KpiCalculator(incident);
            await foreach (var span in spans.ConfigureAwait(false))
            {
                calculator.Add(span);
            }

            return calculator.Build();
        }
    }
}
