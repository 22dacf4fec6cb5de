namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>
/// How many bytes the bodies and pages of all requests may take in memory together. What finds too little left is refused and not kept waiting, and nobody has more than
/// three quarters of it. One request alone may take more: its own limit bounds it.
/// </summary>
/// <param name="most">The bytes; null for as many as there are.</param>
internal sealed class MemoryBudget(long? most)
{
    /// <summary>What a request takes without asking: most take no more.</summary>
    public const int Free = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _ofCallers = new(StringComparer.Ordinal);
    private long _taken;

    /// <summary>How long a caller is asked to wait before it sends again.</summary>
    public static TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The bytes that are taken now.</summary>
    public long Taken
    {
        get
        {
            lock (_lock)
            {
                return _taken;
            }
        }
    }

    /// <summary>A share for one request of a caller, which gives back what it took.</summary>
    public Share Open(string caller) => new(this, caller);

    private bool TryTake(string caller, long bytes, long held)
    {
        if (most is not { } all)
        {
            return true;
        }

        lock (_lock)
        {
            var own = _ofCallers.GetValueOrDefault(caller) + bytes;
            if (_taken > held && (_taken + bytes > all || (own > all - (all / 4) && own != _taken + bytes)))
            {
                return false;
            }

            _taken += bytes;
            _ofCallers[caller] = own;
            return true;
        }
    }

    private void GiveBack(string caller, long bytes)
    {
        lock (_lock)
        {
            _taken -= bytes;
            if ((_ofCallers[caller] -= bytes) == 0)
            {
                _ofCallers.Remove(caller);
            }
        }
    }

    /// <summary>What one request has taken. For one caller at a time.</summary>
    internal sealed class Share(MemoryBudget budget, string caller) : IDisposable
    {
        private long _taken;

        /// <summary>What all may take together.</summary>
        public long Most => budget.Most;

        /// <summary>Takes what is missing to so many bytes; false when they are not there.</summary>
        public bool TryGrowTo(long bytes)
        {
            if (bytes <= Free || bytes <= _taken)
            {
                return true;
            }

            if (!budget.TryTake(caller, bytes - _taken, _taken))
            {
                return false;
            }

            _taken = bytes;
            return true;
        }

        public void Dispose()
        {
            if (_taken > 0 && budget.HasBounds)
            {
                budget.GiveBack(caller, _taken);
            }

            _taken = 0;
        }
    }

    private bool HasBounds => most is not null;

    private long Most => most ?? long.MaxValue;
}
