using System.ComponentModel.DataAnnotations;
using AgentOps.Rca.Settings;

namespace AgentOps.Rca.Recording;

/// <summary>
/// Which activities of this process are recorded, and how much may wait. The section <c>AgentOpsRca:RecordActivities</c> sets it, too, where
/// <c>RecordActivities(…)</c> is called; sources named there and in code add up.
/// </summary>
public sealed class ActivityRecorderOptions
{
    /// <summary>The names of activity sources; <c>*</c> stands for any text, as in <c>MyAgent.*</c>.</summary>
    public IList<string> Sources { get; } = [];

    /// <summary>
    /// The share of traces that are recorded, 0 to 1, decided by the trace's id. A trace that the remote caller or another listener
    /// records is recorded, too. A remote caller that does not sample its trace is followed.
    /// </summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; set; } = 1;

    /// <summary>How many activities may wait to be written; when it is full, further ones are dropped and counted. 8,192.</summary>
    [Range(1, 10_000_000)]
    public int QueueLength { get; set; } = 8_192;

    /// <summary>How many activities are written at once: 1,000.</summary>
    [Range(1, 100_000)]
    public int BatchSize { get; set; } = 1_000;

    /// <summary>How long an activity waits at most before it is written: 200 ms.</summary>
    [Duration("00:00:00.001", "00:10:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the host's stop waits for what is still to be written: 5 s.</summary>
    [Duration("00:00:00", "01:00:00")]
    public TimeSpan StopPatience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What stands before the names of activities that are no agent's steps; by default the application's name.</summary>
    public string? ServiceName { get; set; }
}
