using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>
/// Which traces to judge, and whether any run was found at all. A run that only its calls tell has ended when the span comes that its service was
/// asked by; calls and that span come in any order. Bounded.
/// </summary>
internal sealed class RunWatch(TimeProvider timeProvider)
{
    private const int Most = 20_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly RecentKeys _called = new(Most);
    private readonly RecentKeys _entered = new(Most);
    private DateTimeOffset? _first;
    private long _spans;
    private bool _isDone;

    /// <summary>Whether a span, or one before it, tells that a run may have ended in its trace.</summary>
    public bool MayEnd(Span span, string trace)
    {
        if (RunKinds.IsStep(span))
        {
            lock (_lock)
            {
                _called.Add(trace);
                if (_entered.Contains(trace))
                {
                    return true;
                }
            }
        }

        if (!RunKinds.IsEntry(span))
        {
            return false;
        }

        lock (_lock)
        {
            _entered.Add(trace);
            return _called.Contains(trace);
        }
    }

    /// <summary>Counts spans that belong to no incident.</summary>
    public void Count(int spans)
    {
        lock (_lock)
        {
            _first ??= timeProvider.GetUtcNow();
            _spans += spans;
        }
    }

    /// <summary>Says that a run was found.</summary>
    public void Found()
    {
        lock (_lock)
        {
            _isDone = true;
        }
    }

    /// <summary>How many spans came in the first minute with no run among them: told once, else null.</summary>
    public long? Missed()
    {
        lock (_lock)
        {
            if (_isDone || _first is not { } first || timeProvider.GetUtcNow() - first < Patience)
            {
                return null;
            }

            _isDone = true;
            return _spans;
        }
    }

    private sealed class RecentKeys(int most)
    {
        private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
        private readonly Queue<string> _order = new();

        public bool Contains(string key) => _keys.Contains(key);

        public void Add(string key)
        {
            if (!_keys.Add(key))
            {
                return;
            }

            _order.Enqueue(key);
            if (_order.Count > most)
            {
                _keys.Remove(_order.Dequeue());
            }
        }
    }
}
