namespace AgentOps.Rca.Storage.Faults;

/// <summary>How long a store keeps trying before it says that its backend is down.</summary>
internal sealed record StoreRetryOptions
{
    /// <summary>What one call may take in all, its attempts and the waits between them together.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first wait, in the middle; later ones double, each with jitter.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What callers are told to wait when the budget is used up.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);
}
