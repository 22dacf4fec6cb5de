using System.ComponentModel.DataAnnotations;
using AgentOps.Rca.Settings;

namespace AgentOps.Rca.Retention;

/// <summary>
/// How long records that belong to no incident, and content that no row points to, are kept. Incidents and what they refer to are always
/// kept. The section <c>AgentOpsRca:Retention</c> sets it, too, where <c>DropBaselineAfter(…)</c> or <c>CollectOrphanedContentAfter(…)</c> is
/// called; what these are given wins.
/// </summary>
public sealed class RetentionOptions
{
    /// <summary>How old a span without an incident may get; null, the default, keeps all.</summary>
    [Duration("00:01:00", "36500.00:00:00")]
    public TimeSpan? BaselineAge { get; set; }

    /// <summary>
    /// How old the content of an artifact without a row may get; null, the default, keeps all. At least an hour: content is older than
    /// its row by as long as the write of both takes.
    /// </summary>
    [Duration("01:00:00", "36500.00:00:00")]
    public TimeSpan? OrphanedContentAge { get; set; }

    /// <summary>How many spans are deleted in one transaction, and how many contents are looked at between two pauses: 1,000.</summary>
    [Range(1, 100_000)]
    public int BatchSize { get; set; } = 1_000;

    /// <summary>How long to wait between two batches, so that others get their turn: 100 ms.</summary>
    [Duration("00:00:00", "01:00:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often to look for old spans: every 10 minutes.</summary>
    [Duration("00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often to look for orphaned content, which reads the age of all content: every hour.</summary>
    [Duration("00:00:01", "1.00:00:00")]
    public TimeSpan ContentInterval { get; set; } = TimeSpan.FromHours(1);
}
