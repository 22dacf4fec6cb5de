using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>
/// Brings spans that name an order and no incident into the open incident of that order, where exactly one is open. Of the others it
/// knows why they belong to none. For the spans of one body.
/// </summary>
internal sealed class SpanOrderLinks(IIncidentStore incidents, ISpanStore spans, ISpanLinker linker, SpanLogLinks? logs)
{
    /// <summary>The attribute that names the order.</summary>
    public const string OrderAttribute = "order_id";

    private const int MostOrders = 1_000;
    private const int MostReasons = 5;

    private readonly Dictionary<string, (string? IncidentId, string Reason)> _orders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reasons = new(StringComparer.Ordinal);

    /// <summary>How many spans got an incident so.</summary>
    public long Linked { get; private set; }

    /// <summary>How many spans name an order and belong to no incident.</summary>
    public long Unlinked { get; private set; }

    /// <summary>Why, or null when there are none.</summary>
    public string? Reason => Unlinked == 0 ? null : string.Create(
        CultureInfo.InvariantCulture, $"{Unlinked} span(s) name an order and no incident, and belong to none: {string.Join(' ', _reasons)}");

    /// <summary>Looks at spans that were just stored.</summary>
    /// <param name="stored">The spans as they came.</param>
    /// <param name="written">What became of them. Those that differ from what is stored are passed over.</param>
    /// <param name="cancellationToken">Cancels the call; repeating it is safe.</param>
    public async ValueTask LinkAsync(IReadOnlyList<Span> stored, SpanWriteResult written, CancellationToken cancellationToken)
    {
        var refused = written.Conflicts.ToHashSet(StringComparer.Ordinal);
        var byOrder = stored
            .Where(span => span.IncidentId is null && !refused.Contains(span.SpanId))
            .Select(static span => (Order: OrderOf(span), span.SpanId))
            .Where(static pair => pair.Order is not null)
            .ToLookup(static pair => pair.Order!, static pair => pair.SpanId, StringComparer.Ordinal);
        foreach (var ofOrder in byOrder)
        {
            var (incidentId, reason) = await FindAsync(ofOrder.Key, cancellationToken).ConfigureAwait(false);
            if (incidentId is not null)
            {
                var result = await linker.LinkAsync(incidentId, [.. ofOrder], cancellationToken).ConfigureAwait(false);
                Linked += result.Linked;
                if (logs is not null)
                {
                    await logs.LinkLogsOfAsync(incidentId, ofOrder.Except(result.Conflicts), cancellationToken).ConfigureAwait(false);
                }

                continue;
            }

            var without = await CountFreeAsync([.. ofOrder], mayBeLinked: written.Duplicates > 0, cancellationToken).ConfigureAwait(false);
            Unlinked += without;
            if (without > 0 && _reasons.Count < MostReasons)
            {
                _reasons.Add(reason);
            }
        }
    }

    private static string? OrderOf(Span span) =>
        span.Attributes.ValueKind == JsonValueKind.Object && span.Attributes.TryGetProperty(OrderAttribute, out var order)
            ? order.ValueKind switch
            {
                JsonValueKind.String when order.GetString() is { Length: > 0 } text => text,
                JsonValueKind.Number => order.GetRawText(),
                _ => null,
            }
            : null;

    // A span that was known already may have its incident from an earlier day.
    private async ValueTask<int> CountFreeAsync(List<string> spanIds, bool mayBeLinked, CancellationToken cancellationToken)
    {
        if (!mayBeLinked)
        {
            return spanIds.Count;
        }

        var free = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var span in spans.FindAsync(spanIds, cancellationToken).ConfigureAwait(false))
        {
            if (span.IncidentId is null)
            {
                free.Add(span.SpanId);
            }
        }

        return spanIds.Count(free.Contains);
    }

    private async ValueTask<(string? IncidentId, string Reason)> FindAsync(string order, CancellationToken cancellationToken)
    {
        if (_orders.TryGetValue(order, out var known))
        {
            return known;
        }

        if (_orders.Count == MostOrders)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"only the incidents of {MostOrders} orders are looked up for one body."));
        }

        List<Incident> open = [];
        await foreach (var incident in incidents.ListAsync(new IncidentQuery { OrderId = order, Status = IncidentStatus.Open, Limit = 2 }, cancellationToken).ConfigureAwait(false))
        {
            open.Add(incident);
        }

        return _orders[order] = open switch
        {
            [var only] => (only.Id.ToString("D"), ""),
            [] => (null, $"the order {order} has no open incident."),
            _ => (null, $"the order {order} has several open incidents; name one in incident_id."),
        };
    }
}
