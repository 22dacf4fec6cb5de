using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Kpis;

/// <summary>Reads the figures of an incident out of the stores; spans are streamed, and of each no more than its place is kept.</summary>
public sealed class KpiReader
{
    private readonly IIncidentStore _incidents;
    private readonly ISpanStore _spans;

    /// <summary>Makes a reader over these stores.</summary>
    /// <param name="incidents">The incidents.</param>
    /// <param name="spans">The spans.</param>
    public KpiReader(IIncidentStore incidents, ISpanStore spans)
    {
        ArgumentNullException.ThrowIfNull(incidents);
        ArgumentNullException.ThrowIfNull(spans);
        _incidents = incidents;
        _spans = spans;
    }

    /// <summary>The figures of an incident as it stands, or null when there is no such incident.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<IncidentKpis?> ReadAsync(Guid incidentId, CancellationToken cancellationToken = default)
    {
        if (await _incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return null;
        }

        var calculator = new KpiCalculator(incident);
        await foreach (var span in _spans.ListAsync(new SpanQuery { IncidentId = incidentId.ToString("D") }, cancellationToken).ConfigureAwait(false))
        {
            calculator.Add(span);
        }

        return calculator.Build();
    }
}
