using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Replay;

/// <summary>
/// Runs an agent's code again against its recording. Wrapped calls are answered from recorded bytes, found by tool, canonical arguments,
/// the call around them and occurrence; no model, tool or network is touched. The first call that is not as recorded throws
/// <see cref="ReplayDivergenceException"/>, and so does every call after it.
/// </summary>
public sealed class AgentReplay : IAgentRecorder
{
    private const int MostBytes = 256 * 1024 * 1024;
    private const int MostUnused = 1_000;

    private readonly Lock _lock = new();
    private readonly AsyncLocal<string?> _place = new();
    private readonly AgentRecording _recording;
    private readonly ArtifactVault _artifacts;
    private ReplayDeviation? _first;

    private readonly Dictionary<string, byte[]> _runArguments = new(StringComparer.Ordinal);

    private AgentReplay(AgentRecording recording, ArtifactVault artifacts)
    {
        _recording = recording;
        _artifacts = artifacts;
    }

    /// <summary>Opens a replay of these spans.</summary>
    /// <param name="spans">The recorded spans, in any order; those that were not recorded by an <see cref="AgentRecorder"/> are passed over.</param>
    /// <param name="artifacts">Where their arguments and results are.</param>
    /// <param name="rootSpanId">Only this run or call and what was called within it; null for everything.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async ValueTask<AgentReplay> OpenAsync(
        IEnumerable<Span> spans, ArtifactVault artifacts, string? rootSpanId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(artifacts);
        var replay = new AgentReplay(new AgentRecording(spans, rootSpanId), artifacts);
        // Runs are started without waiting, so what they were asked to do is at hand.
        foreach (var run in replay._recording.Calls.Where(call => call.IsRun))
        {
            if (ArtifactDigest.TryParse(run.Span.ArgsDigest, out var digest)
                && await artifacts.ReadAllVerifiedAsync(digest, MostBytes, cancellationToken).ConfigureAwait(false) is { IsIntact: true } read)
            {
                replay._runArguments.TryAdd(run.Span.ArgsDigest!, read.Content.ToArray());
            }
        }

        return replay;
    }

    /// <summary>
    /// Makes the exception of a recorded failure again, from the full name of its type and its message; null leaves it to the replay, which
    /// knows the framework's common ones and throws <see cref="RecordedCallException"/> for others.
    /// </summary>
    public Func<string, string, Exception?>? MakeException { get; init; }

    /// <summary>Where the code left the recording; null as long as it has not.</summary>
    public ReplayDeviation? FirstDivergence
    {
        get
        {
            lock (_lock)
            {
                return _first;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ReplayDivergenceException">The run was not recorded so.</exception>
    public AgentRun StartRun(
        string agent,
        Guid? incidentId = null,
        JsonElement? arguments = null,
        string? subject = null,
        IReadOnlyDictionary<string, object?>? attributes = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(agent);
        var around = _place.Value;
        var bytes = arguments is { } value ? RecordedResult.Canonical(Encoding.UTF8.GetBytes(value.GetRawText())) : null;
        var call = Take(ToolNames.AgentRunPrefix + agent, bytes, out var divergence);
        if (call is null)
        {
            throw Diverge(Explain(divergence!, _runArguments.GetValueOrDefault(divergence!.Expected ?? ""), bytes));
        }

        _place.Value = call.Span.SpanId;
        return new ReplayedRun(this, call, around);
    }

    /// <inheritdoc/>
    public IChatClient Wrap(IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new ChatCallReplayer(client, this);
    }

    /// <summary>A client for a replay where there is none to wrap.</summary>
    /// <param name="model">The model that is asked when the code names none.</param>
    public IChatClient CreateChatClient(string? model = null) => new ChatCallReplayer(new AbsentChatClient(model), this);

    /// <inheritdoc/>
    public AIFunction Wrap(AIFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new FunctionCallReplayer(function, this);
    }

    /// <summary>What the replay proves, once the code has run.</summary>
    public AgentReplayResult Finish()
    {
        lock (_lock)
        {
            List<ReplayDeviation> found = _first is null ? [] : [_first];
            found.AddRange(_recording.Calls
                .Where(call => call is { IsUsed: false, IsCovered: false } && call.Parent is null or { IsUsed: true })
                .Take(MostUnused)
                .Select(call => new ReplayDeviation
                {
                    Kind = ReplayDeviationKind.RecordingUnused,
                    Effect = ReplayEffect.Diverged,
                    SpanId = call.Span.SpanId,
                    Expected = call.Span.Tool,
                    Message = $"The call {call.Span.Tool} ({call.Span.SpanId}) was recorded and not made.",
                }));
            if (_recording.Calls.Count == 0)
            {
                found.Add(new ReplayDeviation
                {
                    Kind = ReplayDeviationKind.RecordingUnreadable,
                    Effect = ReplayEffect.Incomplete,
                    Message = "Nothing was recorded that could be replayed.",
                });
            }

            var first = found.Find(deviation => deviation.Effect == ReplayEffect.Diverged);
            // What comes after the end of a broken recording proves nothing: the calls were not made because the replay stopped.
            var isIncomplete = found is [{ Effect: ReplayEffect.Incomplete }, ..];
            return new AgentReplayResult
            {
                Verdict = isIncomplete ? ReplayVerdict.Incomplete : first is not null ? ReplayVerdict.Diverged : ReplayVerdict.Reproduced,
                FirstDivergence = isIncomplete ? null : first,
                Deviations = found,
                RecordedCalls = _recording.Calls.Count,
                ReplayedCalls = _recording.Calls.Count(call => call.IsUsed),
            };
        }
    }

    /// <summary>Finds the recorded call that is made now, and the bytes of its result.</summary>
    /// <exception cref="ReplayDivergenceException">There is none, or its bytes cannot be read.</exception>
    internal async ValueTask<(ExecutedCall Call, ReadOnlyMemory<byte> Result)> AnswerAsync(
        string tool, Func<byte[]> arguments, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            bytes = arguments();
        }
        catch (Exception failure)
        {
            throw Diverge(Deviation(ReplayDeviationKind.CallNotRecorded, null, $"The arguments of {tool} cannot be written as JSON: {failure.Message}"));
        }

        var call = Take(tool, bytes, out var divergence);
        if (call is null)
        {
            throw Diverge(await ExplainAsync(divergence!, bytes, cancellationToken).ConfigureAwait(false));
        }

        return (call, await ReadResultAsync(call, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The exception to throw for a recorded failure.</summary>
    internal Exception ExceptionOf(RecordedFailure failure) => MakeException?.Invoke(failure.Type, failure.Message) ?? failure.ToException();

    /// <summary>A result that cannot be read back stops the replay.</summary>
    internal ReplayDivergenceException Unreadable(ExecutedCall call, string reason)
    {
        var message = $"The result of {call.Span.Tool} ({call.Span.SpanId}) cannot be replayed. {reason}";
        return Diverge(Deviation(ReplayDeviationKind.RecordingUnreadable, call, message) with { Effect = ReplayEffect.Incomplete });
    }

    /// <summary>Keeps the first finding; every later call meets it again.</summary>
    internal ReplayDivergenceException Diverge(ReplayDeviation deviation)
    {
        lock (_lock)
        {
            return new ReplayDivergenceException(_first ??= deviation);
        }
    }

    private ExecutedCall? Take(string tool, byte[]? arguments, out ReplayDeviation? divergence)
    {
        tool = GenAiAttributes.Storable(tool);
        var digest = arguments is null ? null : ArtifactDigest.Of(arguments).ToString();
        var place = _place.Value;
        lock (_lock)
        {
            divergence = _first;
            if (divergence is not null)
            {
                return null;
            }

            var known = _recording.Find(place, tool).ToList();
            if (known.Find(call => !call.IsUsed && call.Span.ArgsDigest == digest) is { } found)
            {
                found.IsUsed = true;
                return found;
            }

            divergence = known.Find(call => !call.IsUsed) is { } other
                && !known.Exists(call => call.Span.ArgsDigest == digest)
                    ? Deviation(ReplayDeviationKind.ArgumentChanged, other, $"The call {tool} was recorded with other arguments.", digest)
                : known.Count > 0
                    ? Deviation(
                        ReplayDeviationKind.ExtraCall, null,
                        $"The call {tool} was recorded {Times(known.Count(call => call.Span.ArgsDigest == digest), known.Count)}, and is made once more.",
                        digest)
                : Deviation(ReplayDeviationKind.CallNotRecorded, null, $"The call {tool} was not recorded here.{Awaited(place)}", tool);
            return null;
        }
    }

    private string Awaited(string? place)
    {
        var tools = _recording.UnusedWithin(place).Select(call => call.Span.Tool).Distinct(StringComparer.Ordinal).Take(5).ToList();
        return tools.Count == 0 ? " Nothing more was." : $" What was recorded and not made yet: {string.Join(", ", tools)}.";
    }

    private static string Times(int same, int any) => same > 0
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{same} times with these arguments")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{any} times");

    private static ReplayDeviation Deviation(ReplayDeviationKind kind, ExecutedCall? call, string message, string? actual = null) => new()
    {
        Kind = kind,
        Effect = ReplayEffect.Diverged,
        SpanId = call?.Span.SpanId,
        Expected = call?.Span.ArgsDigest,
        Actual = actual,
        Message = message,
    };

    // The difference is read only when there is one: the arguments of a call that matches are known by their digest.
    private async ValueTask<ReplayDeviation> ExplainAsync(ReplayDeviation deviation, byte[] arguments, CancellationToken cancellationToken) =>
        deviation.Kind == ReplayDeviationKind.ArgumentChanged && ArtifactDigest.TryParse(deviation.Expected, out var digest)
        && await _artifacts.ReadAllVerifiedAsync(digest, MostBytes, cancellationToken).ConfigureAwait(false) is { IsIntact: true } recorded
            ? Explain(deviation, recorded.Content.ToArray(), arguments)
            : deviation;

    private static ReplayDeviation Explain(ReplayDeviation deviation, byte[]? recorded, byte[]? now) =>
        deviation.Kind == ReplayDeviationKind.ArgumentChanged
        && CallDifference.Describe(recorded ?? "null"u8.ToArray(), now ?? "null"u8.ToArray()) is { } difference
            ? deviation with { Message = $"{deviation.Message.TrimEnd('.')}, first at {difference}" }
            : deviation;

    private async ValueTask<ReadOnlyMemory<byte>> ReadResultAsync(ExecutedCall call, CancellationToken cancellationToken)
    {
        if (!ArtifactDigest.TryParse(call.Span.ResultDigest, out var digest))
        {
            throw Unreadable(call, "It names no result.");
        }

        var read = await _artifacts.ReadAllVerifiedAsync(digest, MostBytes, cancellationToken).ConfigureAwait(false);
        if (read.IsIntact)
        {
            return read.Content;
        }

        var deviation = Deviation(
            read.Fault is ArtifactFault.Corrupt ? ReplayDeviationKind.DigestMismatch : ReplayDeviationKind.MissingArtifact,
            call,
            $"The result of {call.Span.Tool} ({call.Span.SpanId}) cannot be replayed. {read.Fault.Message}");
        throw Diverge(deviation with
        {
            Effect = read.Fault is ArtifactFault.Corrupt ? ReplayEffect.Diverged : ReplayEffect.Incomplete,
            Expected = digest.ToString(),
            Actual = (read.Fault as ArtifactFault.Corrupt)?.Actual.Digest.ToString(),
        });
    }

    private async ValueTask EndRunAsync(ExecutedCall call, RecordedResult? result)
    {
        var digest = result is null ? null : ArtifactDigest.Of(result.Content).ToString();
        if (FirstDivergence is not null || (digest == call.Span.ResultDigest && (result?.Kind ?? RecordedKinds.Nothing) == call.Kind))
        {
            return;
        }

        var difference = result is not null && ArtifactDigest.TryParse(call.Span.ResultDigest, out var recorded)
            && await _artifacts.ReadAllVerifiedAsync(recorded, MostBytes).ConfigureAwait(false) is { IsIntact: true } read
                ? CallDifference.Describe(read.Content, result.Content, areTexts: call.Kind == RecordedKinds.Text && result.Kind == RecordedKinds.Text)
                : null;
        var message = $"The run {call.Span.Tool} came to another result{(difference is null ? "." : $", first at {difference}")}";
        _ = Diverge(Deviation(ReplayDeviationKind.ResultDiffers, call, message, digest) with { Expected = call.Span.ResultDigest });
    }

    private sealed class ReplayedRun(AgentReplay replay, ExecutedCall call, string? around) : AgentRun(call.Span.SpanId)
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
            replay._place.Value = around;
            return replay.EndRunAsync(call, _result);
        }
    }
}
