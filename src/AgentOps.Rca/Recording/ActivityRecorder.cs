using System.Diagnostics;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Recording;

/// <summary>
/// Records the activities of this process as spans, in the background and in batches. While the store is down they wait; what then does
/// not fit is dropped and counted, here and as <c>agentops.rca.recording.dropped</c> of the meter <c>AgentOps.Rca</c>.
/// </summary>
internal sealed partial class ActivityRecorder : BackgroundService, IOfTheHostAlone
{
    private const string NoIds = "It has no ids in the form of W3C Trace Context.";

    private static readonly TimeSpan TellingInterval = TimeSpan.FromMinutes(1);

    private readonly OtlpIntake _intake;
    private readonly ActivityRecorderOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<ActivityRecorder> _logger;
    private readonly ActivityQueue _queue;
    private readonly OtlpSpanMapper _mapper = new();
    private readonly OtlpAttributes _resource = new();
    private readonly List<OtlpMapped> _batch = [];
    private long _recorded;
    private long _refused;
    private long _toldDropped;
    private int _unkept;
    private string? _whyUnkept;
    private OtlpSource? _source;
    private DateTimeOffset _toldAt;

    /// <summary>Makes a recorder, which listens from now on.</summary>
    /// <param name="intake">Where the spans go.</param>
    /// <param name="options">What is recorded.</param>
    /// <param name="timeProvider">The clock of the batches.</param>
    /// <param name="logger">Told when activities are dropped.</param>
    /// <param name="environment">Gives the application's name, or null.</param>
    /// <param name="calls">Records wrapped calls, which are not recorded a second time as activities; null when nothing does.</param>
    /// <param name="telemetry">Shows the counts below as metrics; null shows none.</param>
    public ActivityRecorder(
        OtlpIntake intake,
        IOptions<ActivityRecorderOptions> options,
        TimeProvider timeProvider,
        ILogger<ActivityRecorder> logger,
        IHostEnvironment? environment = null,
        IAgentRecorder? calls = null,
        RcaTelemetry? telemetry = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _intake = intake;
        _options = options.Value;
        _timeProvider = timeProvider;
        _logger = logger;
        if ((_options.ServiceName ?? environment?.ApplicationName) is { Length: > 0 } service)
        {
            _resource.Add("service.name", OtlpValue.Of(service));
        }

        var recorder = calls as AgentRecorder;
        _queue = new ActivityQueue(_options, () => recorder?.Place);
        var meter = telemetry?.Meter;
        meter?.CreateObservableCounter(RcaTelemetry.RecordedActivities, () => Recorded, "{activity}", "Activities that were stored as spans.");
        meter?.CreateObservableCounter(RcaTelemetry.DroppedActivities, () => Dropped, "{activity}", "Activities that were lost.");
        meter?.CreateObservableGauge(RcaTelemetry.WaitingActivities, () => Waiting, "{activity}", "Activities that wait to be stored.");
    }

    /// <summary>How many activities were stored.</summary>
    public long Recorded => Interlocked.Read(ref _recorded);

    /// <summary>How many were lost: the queue was full, or they cannot be kept.</summary>
    public long Dropped => _queue.Dropped + Interlocked.Read(ref _refused);

    /// <summary>How many wait to be stored.</summary>
    public int Waiting => _queue.Waiting;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _queue.Dispose();
        _mapper.Dispose();
        base.Dispose();
    }

    /// <summary>Stops listening and stores what waits, for as long as the options say.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        _queue.Dispose();
        UnrecordedFlow.Enter();
        using var patience = new CancellationTokenSource(_options.StopPatience, _timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            if (ExecuteTask is null or { IsCompleted: true })
            {
                await FlushAsync(both.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            LogLost(_queue.Waiting + _batch.Count);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        UnrecordedFlow.Enter();
        using var timer = new PeriodicTimer(_options.FlushInterval, _timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            await FlushAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        TellDrops();
        while (Fill() > 0)
        {
            TellUnkept();
            var refused = new Refused();
            await WriteAsync(_batch, refused, cancellationToken).ConfigureAwait(false);
            if (refused.Reason is { } reason)
            {
                LogRefused(refused.Count, reason);
            }

            _batch.Clear();
        }

        TellUnkept();
    }

    // What the store will never take must not keep the rest from it, and must not stop the host: it is searched for by halves.
    private async Task WriteAsync(List<OtlpMapped> batch, Refused refused, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _recorded, batch.Count);
        }
        catch (SpansNotLinkedException exception)
        {
            Interlocked.Add(ref _recorded, batch.Count);
            LogNotLinked(batch.Count, exception);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (batch.Count == 1)
            {
                Interlocked.Increment(ref _refused);
                refused.Count++;
                refused.Reason = exception;
                return;
            }

            var half = batch.Count / 2;
            await WriteAsync(batch[..half], refused, cancellationToken).ConfigureAwait(false);
            await WriteAsync(batch[half..], refused, cancellationToken).ConfigureAwait(false);
        }
    }

    private int Fill()
    {
        while (_batch.Count < _options.BatchSize && _queue.TryTake(out var activity))
        {
            if (TryMap(activity!) is { } mapped)
            {
                _batch.Add(mapped);
            }
            else
            {
                Interlocked.Increment(ref _refused);
            }
        }

        return _batch.Count;
    }

    // A tag holds an object of the user's own, whose text may throw or change while it is read.
    private OtlpMapped? TryMap(Activity activity)
    {
        try
        {
            var source = activity.Source;
            if (_source is null || _source.ScopeName != source.Name || _source.ScopeVersion != source.Version)
            {
                _source = new OtlpSource(_resource, source.Name, source.Version);
            }

            string? problem = NoIds;
            var mapped = ActivityRecords.Read(activity, _source) is { } record
                ? _mapper.Map(record, activity.GetBaggageItem(OtlpSpanMapper.IncidentAttribute), out problem)
                : null;
            if (mapped is null)
            {
                _unkept++;
                _whyUnkept = problem;
            }

            return mapped;
        }
        catch (Exception exception)
        {
            LogUnreadable(activity.OperationName, exception);
            return null;
        }
    }

    private async Task WriteAsync(List<OtlpMapped> batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _intake.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (StoreUnavailableException exception)
                when (exception is not SpansNotLinkedException { InnerException: not StoreUnavailableException })
            {
                LogWaiting(_queue.Waiting + _batch.Count, exception.Message);
                await Task.Delay(exception.RetryAfter, _timeProvider, cancellationToken).ConfigureAwait(false);
                TellDrops();
            }
        }
    }

    private void TellUnkept()
    {
        if (_unkept > 0)
        {
            LogUnkept(_unkept, _whyUnkept);
            _unkept = 0;
        }
    }

    private void TellDrops()
    {
        var dropped = _queue.Dropped;
        if (dropped > _toldDropped && _timeProvider.GetUtcNow() - _toldAt >= TellingInterval)
        {
            LogDropped(dropped - _toldDropped, dropped);
            _toldDropped = dropped;
            _toldAt = _timeProvider.GetUtcNow();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Count} activities were dropped because too many were waiting to be stored; {Total} since the start.")]
    private partial void LogDropped(long count, long total);

    [LoggerMessage(2, LogLevel.Warning, "{Count} activities wait because the store cannot be reached. {Reason}")]
    private partial void LogWaiting(int count, string reason);

    [LoggerMessage(4, LogLevel.Warning, "An activity {Name} could not be read, and is not recorded.")]
    private partial void LogUnreadable(string name, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "{Count} activities cannot be kept as spans, and are not recorded; of the last one: {Reason}")]
    private partial void LogUnkept(int count, string? reason);

    [LoggerMessage(5, LogLevel.Error, "{Count} activities could not be stored, and are lost.")]
    private partial void LogRefused(int count, Exception exception);

    [LoggerMessage(LogLevel.Warning, "{Count} activities are recorded; their log records could not be brought into their incident.")]
    private partial void LogNotLinked(int count, Exception exception);

    private sealed class Refused
    {
        public int Count { get; set; }

        public Exception? Reason { get; set; }
    }

    [LoggerMessage(3, LogLevel.Warning, "The host stops with about {Count} activities that could not be stored in time.")]
    private partial void LogLost(int count);
}
