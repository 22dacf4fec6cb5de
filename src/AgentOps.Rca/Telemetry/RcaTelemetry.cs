using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AgentOps.Rca.Telemetry;

/// <summary>
/// The library's own traces and metrics: add <see cref="Name"/> as a source and as a meter to your OpenTelemetry set-up. Names and units
/// follow OpenTelemetry's semantic conventions for generative AI; durations are in seconds. Nothing of a prompt or an answer is in them.
/// </summary>
public sealed class RcaTelemetry : IDisposable
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "AgentOps.Rca";

    /// <summary>How many tokens a model call used, by <c>gen_ai.token.type</c>; nothing is recorded when it is unknown.</summary>
    public const string TokenUsage = "gen_ai.client.token.usage";

    /// <summary>How long a model call took.</summary>
    public const string OperationDuration = "gen_ai.client.operation.duration";

    /// <summary>How long an analysis took, its recording included.</summary>
    public const string AnalysisDuration = "agentops.rca.analysis.duration";

    /// <summary>How many spans without an incident were deleted because they were old.</summary>
    public const string DeletedBaselineSpans = "agentops.rca.retention.baseline_spans";

    /// <summary>How many contents of artifacts were deleted because they were old and no row points to them.</summary>
    public const string CollectedContents = "agentops.rca.retention.orphaned_contents";

    /// <summary>How many activities of this process were stored as spans.</summary>
    public const string RecordedActivities = "agentops.rca.recording.recorded";

    /// <summary>How many of them were lost.</summary>
    public const string DroppedActivities = "agentops.rca.recording.dropped";

    /// <summary>How many of them wait to be stored.</summary>
    public const string WaitingActivities = "agentops.rca.recording.waiting";

    /// <summary>How many tenants have their stores open in this process; there only where tenants are kept apart.</summary>
    public const string OpenTenants = "agentops.rca.tenants.open";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    };

    private readonly ActivitySource _source = new(Name);
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Histogram<long> _tokens;
    private readonly Histogram<double> _calls;
    private readonly Histogram<double> _analyses;
    private readonly Counter<long> _deletedSpans;
    private readonly Counter<long> _collectedContents;
    private readonly TimeProvider _timeProvider;

    /// <summary>Makes the source and the instruments.</summary>
    /// <param name="timeProvider">Measures durations.</param>
    /// <param name="meters">Makes the meter; null makes one outside of dependency injection.</param>
    public RcaTelemetry(TimeProvider timeProvider, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        _timeProvider = timeProvider;
        _ownsMeter = meters is null;
        _meter = meters?.Create(Name) ?? new Meter(Name);
        _tokens = _meter.CreateHistogram(
            TokenUsage, "{token}", "Tokens that a model call used.", tags: null, new InstrumentAdvice<long>
            {
                HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576],
            });
        _calls = _meter.CreateHistogram(OperationDuration, "s", "How long a model call took.", tags: null, Seconds);
        _analyses = _meter.CreateHistogram(AnalysisDuration, "s", "How long an analysis took.", tags: null, Seconds);
        _deletedSpans = _meter.CreateCounter<long>(DeletedBaselineSpans, "{span}", "Old spans without an incident that were deleted.");
        _collectedContents = _meter.CreateCounter<long>(CollectedContents, "{content}", "Old contents without a row that were deleted.");
    }

    internal Meter Meter => _meter;

    internal RcaMeasurement StartAnalysis(string engine)
    {
        var activity = _source.StartActivity($"rca.analyze {engine}");
        return new RcaMeasurement(activity, _analyses, _timeProvider, new TagList { { "agentops.rca.engine", engine } });
    }

    internal RcaMeasurement StartModelCall(string? provider, string? model)
    {
        var tags = new TagList { { "gen_ai.operation.name", "chat" } };
        if (provider is not null)
        {
            tags.Add("gen_ai.provider.name", provider);
        }

        if (model is not null)
        {
            tags.Add("gen_ai.request.model", model);
        }

        var activity = _source.StartActivity(model is null ? "chat" : $"chat {model}", ActivityKind.Client);
        return new RcaMeasurement(activity, _calls, _timeProvider, tags);
    }

    internal void AddTokens(RcaMeasurement call, string type, long? tokens)
    {
        if (tokens is { } known)
        {
            var tags = call.Tags;
            tags.Add("gen_ai.token.type", type);
            _tokens.Record(known, tags);
        }
    }

    internal void AddDeletedSpans(long count) => _deletedSpans.Add(count);

    internal void AddCollectedContent() => _collectedContents.Add(1);

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }
}
