namespace AgentOps.Rca.Detection;

/// <summary>Traces in which a run has ended, each until it has settled; and the traces that have an incident. Bounded both.</summary>
internal sealed class PendingTraces(TimeProvider timeProvider)
{
    private const int Most = 20_000;

    private readonly Lock _lock = new();
    private readonly Queue<(string TraceId, DateTimeOffset Due)> _queue = new();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly Queue<string> _openOrder = new();

    /// <summary>How many traces did not fit.</summary>
    public long Dropped { get; private set; }

    /// <summary>Whether late spans of this trace belong to an incident.</summary>
    public bool HasIncident(string traceId)
    {
        lock (_lock)
        {
            return _open.Contains(traceId);
        }
    }

    public void Add(string traceId, TimeSpan settle)
    {
        lock (_lock)
        {
            if (_waiting.Contains(traceId))
            {
                return;
            }

            if (_waiting.Count >= Most)
            {
                Dropped++;
                return;
            }

            _waiting.Add(traceId);
            _queue.Enqueue((traceId, timeProvider.GetUtcNow() + settle));
        }
    }

    public void Remember(string traceId)
    {
        lock (_lock)
        {
            if (_open.Add(traceId))
            {
                _openOrder.Enqueue(traceId);
            }

            while (_openOrder.Count > Most)
            {
                _open.Remove(_openOrder.Dequeue());
            }
        }
    }

    /// <summary>Takes the next trace that has settled out, or null.</summary>
    public string? Take()
    {
        lock (_lock)
        {
            if (!_queue.TryPeek(out var next) || next.Due > timeProvider.GetUtcNow())
            {
                return null;
            }

            _queue.Dequeue();
            _waiting.Remove(next.TraceId);
            return next.TraceId;
        }
    }
}
