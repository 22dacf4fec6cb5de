using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Recording;

/// <summary>
/// Records what an agent does, as it does it: every wrapped call becomes a span with the exact bytes of its arguments and result as
/// artifacts. A call that cannot be recorded is made all the same; it is logged and counted, and a replay will miss it by name.
/// </summary>
internal sealed partial class AgentRecorder : IAgentRecorder
{
    private readonly ISpanIntake _spans;
    private readonly ArtifactVault _artifacts;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<AgentRecorder> _logger;
    private readonly AsyncLocal<CallPlace?> _place = new();
    private long _sequence;
    private long _failures;

    /// <summary>Makes a recorder.</summary>
    /// <param name="spans">Where the spans go.</param>
    /// <param name="artifacts">Where arguments and results go.</param>
    /// <param name="timeProvider">The clock that stamps calls.</param>
    /// <param name="logger">Told what could not be recorded.</param>
    public AgentRecorder(
        ISpanIntake spans,
        ArtifactVault artifacts,
        TimeProvider timeProvider,
        ILogger<AgentRecorder> logger)
    {
        _spans = spans;
        _artifacts = artifacts;
        _timeProvider = timeProvider;
        _logger = logger;
    }

    /// <summary>How many calls could not be recorded.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    internal CallPlace? Place
    {
        get => _place.Value;
        set => _place.Value = value;
    }

    /// <inheritdoc/>
    public AgentRun StartRun(
        string agent,
        Guid? incidentId = null,
        JsonElement? arguments = null,
        string? subject = null,
        IReadOnlyDictionary<string, object?>? attributes = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(agent);
        var around = Place;
        var call = Begin(
            ToolNames.AgentRunPrefix + agent,
            new CallKind(CallKind.Agent, agent, IsSingle: false),
            arguments is { } value ? () => RecordedResult.Canonical(Encoding.UTF8.GetBytes(value.GetRawText())) : null,
            incidentId: incidentId?.ToString("D"));
        Place = call.Place;
        return new LiveRun(this, new RunAttributes(agent, subject, attributes?.ToDictionary()), call, around);
    }

    /// <inheritdoc/>
    public IChatClient Wrap(IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new ChatCallRecorder(client, this);
    }

    /// <inheritdoc/>
    public AIFunction Wrap(AIFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new FunctionCallRecorder(function, this);
    }

    /// <summary>Begins a call. It never fails: what is wrong with the arguments is told when the call ends.</summary>
    internal RecordedCall Begin(
        string tool, CallKind kind, Func<byte[]>? arguments, string argumentsMime = RecordedResult.Json, string? incidentId = null, bool isParent = false)
    {
        var parent = CallPlace.Innermost(Place, kind);
        var own = isParent ? StartOwn(tool, parent) : null;
        byte[]? bytes = null;
        Exception? problem = null;
        try
        {
            bytes = arguments?.Invoke();
        }
        catch (Exception failure)
        {
            problem = failure;
        }

        return new RecordedCall
        {
            SpanId = own is null ? NewSpanId(parent) : CallPlace.IdOf(own),
            Own = own,
            Tool = GenAiAttributes.Storable(tool),
            Kind = kind,
            Parent = parent,
            IncidentId = incidentId ?? parent?.IncidentId,
            Start = _timeProvider.GetUtcNow(),
            Sequence = Interlocked.Increment(ref _sequence),
            Arguments = bytes,
            ArgumentsMime = argumentsMime,
            Problem = problem,
        };
    }

    /// <summary>Records a call that has ended: the content, then the rows, then the span. It never fails.</summary>
    internal async ValueTask EndAsync(RecordedCall call, Func<RecordedResult>? result, Action<Utf8JsonWriter> writeAttributes)
    {
        // The call has been made, so it is recorded also when its caller no longer waits. What the stores do meanwhile is not the agent's doing.
        UnrecordedFlow.Enter();
        var end = _timeProvider.GetUtcNow();
        try
        {
            if (call.Problem is not null)
            {
                throw new NotSupportedException(call.Problem.Message, call.Problem);
            }

            var recorded = result?.Invoke();
            var (arguments, outcome) = await PutAsync(call, recorded).ConfigureAwait(false);
            var span = new Span
            {
                SpanId = call.SpanId,
                ParentId = call.Parent?.SpanId,
                Tool = call.Tool,
                StartTs = EpochUnit.Microseconds(call.Start),
                EndTs = EpochUnit.Microseconds(end),
                ArgsDigest = arguments,
                ResultDigest = outcome,
                IncidentId = call.IncidentId,
                Attributes = GenAiAttributes.Make(writer =>
                {
                    writeAttributes(writer);
                    writer.WriteString(RecordedKinds.Attribute, recorded?.Kind ?? RecordedKinds.Nothing);
                    writer.WriteNumber(RecordedKinds.Sequence, call.Sequence);
                    if (recorded?.Failure is { } failure)
                    {
                        GenAiAttributes.WriteFailure(writer, failure.GetType().FullName ?? failure.GetType().Name, failure.Message);
                    }
                }),
            };
            var written = await _spans.AddAsync([span]).ConfigureAwait(false);
            if (written is { Conflicts.Count: > 0 })
            {
                throw new InvalidDataException($"Another span is stored under the id {span.SpanId}; it stays.");
            }
        }
        catch (SpansNotLinkedException problem)
        {
            LogNotLinked(problem, call.Tool, call.SpanId);
        }
        catch (Exception problem)
        {
            // Whatever it was: the agent's call has its own end, and recording does not change it.
            Interlocked.Increment(ref _failures);
            LogNotRecorded(problem, call.Tool, call.SpanId);
        }
    }

    private async ValueTask<(string? Arguments, string? Result)> PutAsync(RecordedCall call, RecordedResult? result)
    {
        List<ArtifactContent> artifacts = [];
        if (call.Arguments is not null)
        {
            artifacts.Add(new ArtifactContent(call.Arguments, call.ArgumentsMime));
        }

        if (result is not null)
        {
            artifacts.Add(new ArtifactContent(result.Content, result.Mime));
        }

        var digests = await _artifacts.PutManyAsync(artifacts).ConfigureAwait(false);
        return (call.Arguments is null ? null : digests[0].ToString(), result is null ? null : digests[^1].ToString());
    }

    // Activities below the call, and requests to other services, name it as their parent; no listener records it beside the span.
    private static Activity StartOwn(string tool, CallPlace? parent)
    {
        var flags = Activity.Current?.ActivityTraceFlags ?? ActivityTraceFlags.Recorded;
        var own = new Activity(tool).SetIdFormat(ActivityIdFormat.W3C);
        if (parent?.SpanId.Split(':') is [{ Length: 32 } trace, { Length: 16 } span])
        {
            own.SetParentId(ActivityTraceId.CreateFromString(trace), ActivitySpanId.CreateFromString(span), flags);
        }

        RecordedActivity.MarkOwn(own);
        own.Start();
        own.ActivityTraceFlags = flags;
        return own;
    }

    // The form of OpenTelemetry, trace:span, in the trace that goes on around the call.
    private static string NewSpanId(CallPlace? parent)
    {
        var trace = parent?.SpanId.Split(':') is [{ Length: 32 } known, _] ? known
            : Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.TraceId.ToHexString()
            : ActivityTraceId.CreateRandom().ToHexString();
        return $"{trace}:{ActivitySpanId.CreateRandom().ToHexString()}";
    }

    [LoggerMessage(LogLevel.Warning, "The call {Tool} was made and could not be recorded as {SpanId}; a replay will miss it.")]
    private partial void LogNotRecorded(Exception problem, string tool, string spanId);

    [LoggerMessage(LogLevel.Warning, "The call {Tool} is recorded as {SpanId}; its log records could not be brought into its incident.")]
    private partial void LogNotLinked(Exception problem, string tool, string spanId);

    private sealed class LiveRun(AgentRecorder recorder, RunAttributes attributes, RecordedCall call, CallPlace? around) : AgentRun(call.SpanId)
    {
        private RecordedResult? _result;
        private bool _ended;

        private protected override void Set(RecordedResult result) => _result = result;

        // Not an async method: leaving the run must show in the caller's flow of control.
        public override ValueTask DisposeAsync()
        {
            if (_ended)
            {
                return ValueTask.CompletedTask;
            }

            _ended = true;
            recorder.Place = around;
            return recorder.EndAsync(call, _result is { } result ? () => result : null, attributes.Write);
        }
    }
}
