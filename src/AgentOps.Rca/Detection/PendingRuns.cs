namespace AgentOps.Rca.Detection;

/// <summary>Keys of runs that have ended, each until it has settled; and the keys that have an incident. Bounded both.</summary>
internal sealed class PendingRuns(TimeProvider timeProvider)
{
    private const int Most = 20_000;

    private readonly Lock _lock = new();
    // By when they are due: one that a store has put off must not keep the others back.
    private readonly PriorityQueue<string, (DateTimeOffset Due, long Number)> _queue = new();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly Queue<string> _openOrder = new();
    private long _number;

    /// <summary>How many runs did not fit.</summary>
    public long Dropped { get; private set; }

    /// <summary>Whether late spans under this key belong to an incident.</summary>
    public bool HasIncident(string key)
    {
        lock (_lock)
        {
            return _open.Contains(key);
        }
    }

    /// <summary>Whether the last key that did not fit is to be told of: the first of every thousand is.</summary>
    public bool IsDropTold => Dropped % 1_000 == 1;

    /// <summary>Lets a key wait; false when there is no room for it.</summary>
    public bool Add(string key, TimeSpan settle)
    {
        lock (_lock)
        {
            if (_waiting.Contains(key))
            {
                return true;
            }

            if (_waiting.Count >= Most)
            {
                Dropped++;
                return false;
            }

            _waiting.Add(key);
            _queue.Enqueue(key, (timeProvider.GetUtcNow() + settle, _number++));
            return true;
        }
    }

    /// <summary>Says that a key has an incident; whether that is new.</summary>
    public bool Remember(string key)
    {
        lock (_lock)
        {
            if (!_open.Add(key))
            {
                return false;
            }

            _openOrder.Enqueue(key);
            while (_openOrder.Count > Most)
            {
                _open.Remove(_openOrder.Dequeue());
            }

            return true;
        }
    }

    /// <summary>Takes the next key that has settled out, or null.</summary>
    public string? Take()
    {
        lock (_lock)
        {
            if (!_queue.TryPeek(out var key, out var place) || place.Due > timeProvider.GetUtcNow())
            {
                return null;
            }

            _queue.Dequeue();
            _waiting.Remove(key);
            return key;
        }
    }
}
