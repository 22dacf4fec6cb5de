using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace AgentOps.Rca.Tests.Retention;

/// <summary>Sums up the counters that one meter factory made.</summary>
internal sealed class CountListener : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _totals = new();
    private readonly MeterListener _listener = new();

    public CountListener(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument is Counter<long>)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, _, _) => _totals.AddOrUpdate(instrument.Name, count, (_, sum) => sum + count));
        _listener.Start();
    }

    public IEnumerable<(string Name, long Count)> Totals => _totals.Select(static pair => (pair.Key, pair.Value));

    public void Dispose() => _listener.Dispose();
}
