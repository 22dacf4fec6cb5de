namespace AgentOps.Rca.AspNetCore.OpenTelemetry;

/// <summary>
/// How many bytes the bodies of OTLP requests may take in memory together. A request that finds too little left is refused and not kept
/// waiting: its exporter holds the batch anyway, and sends it again.
/// </summary>
internal sealed class OtlpBudget(long most)
{
    private long _taken;

    /// <summary>How long an exporter is asked to wait before it sends again.</summary>
    public static TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The bytes that are taken now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>A share for one request, which gives back what it took.</summary>
    public Share Open() => new(this);

    private bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most)
        {
            return true;
        }

        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    /// <summary>What one request has taken. For one caller at a time.</summary>
    internal sealed class Share(OtlpBudget budget) : IDisposable
    {
        private long _taken;

        /// <summary>Takes what is missing to so many bytes; false when they are not there.</summary>
        public bool TryGrowTo(long bytes)
        {
            if (!budget.TryTake(bytes - _taken))
            {
                return false;
            }

            _taken = bytes;
            return true;
        }

        public void Dispose()
        {
            Interlocked.Add(ref budget._taken, -_taken);
            _taken = 0;
        }
    }
}
