namespace AgentOps.Rca.Retention;

/// <summary>
/// How long records that belong to no incident, and content that no row points to, are kept. Incidents and what they refer to are always
/// kept.
/// </summary>
public sealed class RetentionOptions
{
    /// <summary>How old a span without an incident may get; null, the default, keeps all.</summary>
    public TimeSpan? BaselineAge { get; set; }

    /// <summary>
    /// How old the content of an artifact without a row may get; null, the default, keeps all. At least an hour: content is older than
    /// its row by as long as the write of both takes.
    /// </summary>
    public TimeSpan? OrphanedContentAge { get; set; }

    /// <summary>How many spans are deleted in one transaction, and how many contents are looked at between two pauses: 1,000.</summary>
    public int BatchSize { get; set; } = 1_000;

    /// <summary>How long to wait between two batches, so that others get their turn: 100 ms.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often to look for old spans: every 10 minutes.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often to look for orphaned content, which reads the age of all content: every hour.</summary>
    public TimeSpan ContentInterval { get; set; } = TimeSpan.FromHours(1);

    internal bool IsValid => BaselineAge is not { } age || (age >= TimeSpan.FromMinutes(1) && AreBatchesValid && IsInterval(Interval));

    internal bool IsContentValid =>
        OrphanedContentAge is not { } age || (age >= TimeSpan.FromHours(1) && AreBatchesValid && IsInterval(ContentInterval));

    private bool AreBatchesValid => BatchSize is >= 1 and <= 100_000 && Pause >= TimeSpan.Zero;

    private static bool IsInterval(TimeSpan interval) => interval >= TimeSpan.FromSeconds(1) && interval <= TimeSpan.FromDays(1);
}
