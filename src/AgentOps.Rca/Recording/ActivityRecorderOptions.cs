namespace AgentOps.Rca.Recording;

/// <summary>Which activities of this process are recorded, and how much may wait.</summary>
public sealed class ActivityRecorderOptions
{
    /// <summary>The names of activity sources; <c>*</c> stands for any text, as in <c>MyAgent.*</c>.</summary>
    public IList<string> Sources { get; } = [];

    /// <summary>
    /// The share of traces that are recorded, 0 to 1, decided by the trace's id. A trace that the remote caller or another listener
    /// records is recorded, too. A remote caller that does not sample its trace is followed.
    /// </summary>
    public double SampleRatio { get; set; } = 1;

    /// <summary>How many activities may wait to be written; when it is full, further ones are dropped and counted. 8,192.</summary>
    public int QueueLength { get; set; } = 8_192;

    /// <summary>How many activities are written at once: 1,000.</summary>
    public int BatchSize { get; set; } = 1_000;

    /// <summary>How long an activity waits at most before it is written: 200 ms.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the host's stop waits for what is still to be written: 5 s.</summary>
    public TimeSpan StopPatience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What stands before the names of activities that are no agent's steps; by default the application's name.</summary>
    public string? ServiceName { get; set; }

    internal string? FindMistake() =>
        Sources.Any(string.IsNullOrWhiteSpace) ? "A source's name is empty; name sources such as MyAgent.*."
        : SampleRatio is < 0 or > 1 or double.NaN ? $"{nameof(SampleRatio)} must be between 0 and 1."
        : QueueLength is < 1 or > 10_000_000 ? $"{nameof(QueueLength)} must be between 1 and 10000000."
        : BatchSize is < 1 or > 100_000 ? $"{nameof(BatchSize)} must be between 1 and 100000."
        : FlushInterval < TimeSpan.FromMilliseconds(1) || FlushInterval > TimeSpan.FromMinutes(10) ? $"{nameof(FlushInterval)} must be between 1 ms and 10 minutes."
        : StopPatience < TimeSpan.Zero || StopPatience > TimeSpan.FromHours(1) ? $"{nameof(StopPatience)} must be between 0 and an hour."
        : null;
}
