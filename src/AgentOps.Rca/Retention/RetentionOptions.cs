namespace AgentOps.Rca.Retention;

/// <summary>How long records that belong to no incident are kept. Incidents and what they refer to are always kept.</summary>
public sealed class RetentionOptions
{
    /// <summary>How old a span without an incident may get; null, the default, keeps all.</summary>
    public TimeSpan? BaselineAge { get; set; }

    /// <summary>How many spans are deleted in one transaction: 1,000.</summary>
    public int BatchSize { get; set; } = 1_000;

    /// <summary>How long to wait between two batches, so that others get their turn: 100 ms.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often to look: every 10 minutes.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);

    internal bool IsValid =>
        BaselineAge is not { } age || (age >= TimeSpan.FromMinutes(1) && BatchSize is >= 1 and <= 100_000
            && Pause >= TimeSpan.Zero && Interval >= TimeSpan.FromSeconds(1) && Interval <= TimeSpan.FromDays(1));
}
