using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading.Channels;

namespace AgentOps.Rca.Recording;

/// <summary>
/// Listens to activity sources and keeps what ended until it is written. The caller's thread only puts a reference into a bounded queue:
/// it never waits, nothing is copied, and what does not fit is counted.
/// </summary>
internal sealed class ActivityQueue : IDisposable
{
    private static ImmutableArray<ActivityQueue> Listening = [];

    private readonly Channel<Activity> _ended;
    private readonly ActivityListener _listener;
    private readonly Func<CallPlace?> _place;
    private readonly SourcePatterns _patterns;
    private readonly double _ratio;
    private long _dropped;

    /// <summary>Begins to listen.</summary>
    /// <param name="options">What to listen to.</param>
    /// <param name="place">The wrapped call of this flow of execution, which may be what an activity sees too.</param>
    public ActivityQueue(ActivityRecorderOptions options, Func<CallPlace?> place)
    {
        _place = place;
        _patterns = new SourcePatterns(options.Sources);
        _ratio = options.SampleRatio;
        _ended = Channel.CreateBounded<Activity>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true });
        _listener = new ActivityListener
        {
            ShouldListenTo = Hears,
            Sample = Sample,
            ActivityStarted = Start,
            ActivityStopped = Take,
        };
        ImmutableInterlocked.Update(ref Listening, static (all, one) => all.Add(one), this);
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>How many activities did not fit into the queue.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>How many wait to be written.</summary>
    public int Waiting => _ended.Reader.Count;

    /// <summary>Takes the next one out, if there is any.</summary>
    public bool TryTake(out Activity? activity) => _ended.Reader.TryRead(out activity);

    /// <summary>Stops listening; what waits stays.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        ImmutableInterlocked.Update(ref Listening, static (all, one) => all.Remove(one), this);
    }

    /// <summary>Whether a queue of this process listens to the activity, and so will take it when it ends.</summary>
    public static bool WillTake(Activity activity)
    {
        if (IsWanted(activity))
        {
            foreach (var queue in Listening)
            {
                if (queue.Hears(activity.Source))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options)
    {
        if (UnrecordedFlow.IsEntered)
        {
            return ActivitySamplingResult.None;
        }

        var isRecorded = options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            || (!options.Parent.IsRemote && IsChosen(options.TraceId));
        return isRecorded ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData;
    }

    // The last bytes of a trace's id are random (W3C Trace Context), so each process decides the same.
    private bool IsChosen(ActivityTraceId traceId)
    {
        if (_ratio >= 1)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        traceId.CopyTo(bytes);
        return (System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) >> 11) < _ratio * (1UL << 53);
    }

    private bool Hears(ActivitySource source) => _patterns.Match(source.Name);

    private void Start(Activity activity)
    {
        if (IsWanted(activity))
        {
            RecordedActivity.MarkPlace(activity, _place());
        }
    }

    // Once any listener has sampled an activity all of them are told, also of what they did not want.
    private static bool IsWanted(Activity activity) => !UnrecordedFlow.IsEntered && activity.IsAllDataRequested && activity.Recorded;

    private void Take(Activity activity)
    {
        if (IsWanted(activity) && !RecordedActivity.IsCovered(activity) && !_ended.Writer.TryWrite(activity))
        {
            Interlocked.Increment(ref _dropped);
        }
    }
}
