using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Steps;

/// <summary>
/// Makes the spans of a run that a file tells as a conversation: what was given to the model, what it said, which tools it asked for, what they gave
/// back. A model call holds what was new to it since the call before; the run around it holds the request and the answer.
/// </summary>
/// <param name="sink">Where the spans go.</param>
/// <param name="source">Who wrote the file.</param>
/// <param name="traceId">The run.</param>
/// <param name="key">What tells this conversation from others of the run; empty for the outermost.</param>
/// <param name="clock">The times of the run.</param>
internal sealed class Conversation(ImportSink sink, OtlpSource source, string traceId, string key, RunClock clock)
{
    // A longer request stands in the model call that was given it, and not once more in the run.
    private const int MostRequests = 256 * 1024;

    // No call of a tool takes longer than a year.
    private const double MostSeconds = 366.0 * 24 * 3600;

    // In the order in which they were asked for.
    private readonly OrderedDictionary<string, ToolAsk> _pending = new(StringComparer.Ordinal);
    private readonly List<string> _given = [];
    private readonly List<string> _request = [];
    private int _requestLength;
    private bool _isStarted;
    private FilePlace _first;
    private ulong? _start;
    private ulong? _lastGiven;
    private ulong? _end;
    private string? _answer;
    private long _turns;
    private string? _lastKey;

    /// <summary>The agent whose run it is, or null.</summary>
    public string? Agent { get; set; }

    /// <summary>The span under which the run stands, or null.</summary>
    public string? Parent { get; set; }

    /// <summary>System instructions and tools, as attributes of each model call.</summary>
    public List<KeyValuePair<string, string>> Offered { get; } = [];

    /// <summary>Attributes of the run's own span.</summary>
    public List<KeyValuePair<string, OtlpValue>> About { get; } = [];

    /// <summary>Why the run failed; null when it did not, or when the model said something after it.</summary>
    public string? Failure { get; set; }

    /// <summary>The class of that failure, or null.</summary>
    public string? FailureType { get; set; }

    /// <summary>Why the run failed whatever the model said in the end; null when nothing says so.</summary>
    public string? FailedAfter { get; set; }

    /// <summary>The model that was called last.</summary>
    public string? LastModel { get; private set; }

    /// <summary>The id of the run's own span.</summary>
    public string RunSpanId { get; } = ImportIds.SpanOf(traceId, "run " + key);

    /// <summary>The id of the span of a tool call.</summary>
    public string ToolSpanId(string callId) => ImportIds.SpanOf(traceId, $"tool {key} {callId}");

    /// <summary>Whether a call of this id waits for its result.</summary>
    public bool IsPending(string callId) => _pending.ContainsKey(callId);

    /// <summary>The calls that wait for their result.</summary>
    public IEnumerable<ToolAsk> Pending => _pending.Values;

    /// <summary>A message that the next model call is given.</summary>
    /// <param name="message">The message, as JSON.</param>
    /// <param name="isRequest">Whether it comes from outside, and is no result of a tool.</param>
    /// <param name="time">When, or null.</param>
    /// <param name="place">Where it stands.</param>
    public void Give(string message, bool isRequest, ulong? time, FilePlace place)
    {
        Start(time, place);
        _lastGiven = time ?? _lastGiven;
        if (sink.Waiting + message.Length > ImportLimits.PendingLength)
        {
            sink.LeaveOut($"Messages that wait for a model call have more than {ImportLimits.PendingLength} characters.", place);
            return;
        }

        sink.Waiting += message.Length;
        _given.Add(message);
        if (isRequest && _requestLength + message.Length <= MostRequests)
        {
            _requestLength += message.Length;
            sink.Waiting += message.Length;
            _request.Add(message);
        }
    }

    /// <summary>The user stopped the run, which ends so unless the model says something after it.</summary>
    public void Interrupt() => (Failure, FailureType) = FailureType is null ? ("The user interrupted the run.", UserWords.Cancelled) : (Failure, FailureType);

    /// <summary>A call of the model.</summary>
    public async ValueTask SayAsync(ModelTurn turn, CancellationToken cancellationToken)
    {
        Start(turn.Time, turn.Place);
        if (turn.Key is not null && turn.Key == _lastKey)
        {
            // The rest of an answer, after something came in between; what it used was told already.
            turn = turn with { Key = $"{turn.Key} {Number(_turns)}", InputTokens = null, OutputTokens = null, CacheReadTokens = null, CacheWriteTokens = null };
        }
        else
        {
            _lastKey = turn.Key;
        }

        var span = StepRecord.Model(source, traceId, ImportIds.SpanOf(traceId, $"model {key} {turn.Key ?? Number(_turns)}"), turn.Model);
        _turns++;
        span.ParentSpanId = RunSpanId;
        // What is long is said once: the engine holds on to it.
        foreach (var (name, value) in Offered.Where(one => _turns == 1 || one.Value.Length <= MostRequests))
        {
            span.Add(name, value);
        }

        if (_given.Count > 0)
        {
            span.Add(StepRecord.InputMessages, $"[{string.Join(',', _given)}]");
        }

        span.Add(StepRecord.OutputMessages, turn.Message is null ? null : $"[{turn.Message}]");
        turn.Describe(span);
        if (span.SetTimes(clock, turn.Start ?? (turn.Time is null ? null : _lastGiven ?? _end), turn.Time))
        {
            sink.WithoutTime++;
        }

        if (!turn.KeepsGiven)
        {
            sink.Waiting -= _given.Sum(static message => (long)message.Length);
            _given.Clear();
        }

        _lastGiven = turn.KeepsGiven ? turn.Time ?? _lastGiven : null;
        _end = turn.Time ?? _end;
        LastModel = turn.Model ?? LastModel;
        (Failure, FailureType) = (turn.Error, null);
        Keep(turn.IsAnswer ? turn.Message : null);
        await sink.AddAsync(span, turn.Place, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A tool that the model asked for.</summary>
    public async ValueTask AskAsync(ToolAsk ask, CancellationToken cancellationToken)
    {
        Start(ask.Time, ask.Place);
        if (!_pending.TryAdd(ask.Id, ask))
        {
            sink.LeaveOut("A tool call has the id of another one that waits for its result.", ask.Place);
            return;
        }

        sink.Waiting += ask.Arguments?.Length ?? 0;
        if (_pending.Count > ImportLimits.PendingCalls || sink.Waiting > ImportLimits.PendingLength)
        {
            await AnswerAsync(_pending.GetAt(0).Key, null, default, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What a tool gave back.</summary>
    /// <param name="id">The id of the call.</param>
    /// <param name="answer">The result; null when there is none.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>Whether such a call waited.</returns>
    public async ValueTask<bool> AnswerAsync(string id, ToolAnswer? answer, FilePlace place, CancellationToken cancellationToken)
    {
        if (!_pending.Remove(id, out var ask))
        {
            sink.LeaveOut("A result answers no tool call that is in the file.", place);
            return false;
        }

        sink.Waiting -= ask.Arguments?.Length ?? 0;
        var span = StepRecord.Tool(source, traceId, ToolSpanId(id), ask.Tool, ask.IsNamed ? id : null);
        span.ParentSpanId = RunSpanId;
        span.Add(StepRecord.Arguments, ask.Arguments);
        span.Add(StepRecord.Result, answer?.Content);
        foreach (var (name, value) in answer?.About ?? [])
        {
            span.Attributes.Add(name, value);
        }

        if (answer?.EndedByUser is { } outcome)
        {
            span.Add(StepRecord.EndedByUser, outcome);
            (Failure, FailureType) = (UserWords.Sentence(outcome, ask.Tool), outcome);
        }
        else if (answer is { IsError: true })
        {
            span.Fail(answer.Error ?? answer.Content, answer.ErrorType);
        }

        if (answer is { Seconds: { } seconds, Time: null } && ask.Time is null && seconds is >= 0 and < MostSeconds)
        {
            // How long it took is known, and only not when that was.
            span.StartNs = clock.Tell(null);
            span.EndNs = clock.Tell(span.StartNs + (ulong)(seconds * 1e9));
            span.Add(StepRecord.TimesMissing, "time of day");
            sink.WithoutTime++;
        }
        else if (span.SetTimes(clock, answer?.Start ?? ask.Time, answer?.Time))
        {
            sink.WithoutTime++;
        }

        _end = answer?.Time ?? _end;
        await sink.AddAsync(span, ask.Place, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>The end of the file, or of this conversation: the calls that were never answered, and the run.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        while (_pending.Count > 0)
        {
            await AnswerAsync(_pending.GetAt(0).Key, null, default, cancellationToken).ConfigureAwait(false);
        }

        if (!_isStarted)
        {
            return;
        }

        sink.Waiting -= _requestLength + _given.Sum(static message => (long)message.Length);
        var span = StepRecord.Run(source, traceId, RunSpanId, Agent);
        span.ParentSpanId = Parent;
        span.Add(StepRecord.InputMessages, _request.Count == 0 ? null : $"[{string.Join(',', _request)}]");
        span.Add(StepRecord.OutputMessages, _answer is null ? null : $"[{_answer}]");
        foreach (var (name, value) in About)
        {
            span.Attributes.Add(name, value);
        }

        if ((FailedAfter ?? Failure) is { } failure)
        {
            span.Fail(failure, FailedAfter is null ? FailureType : null);
        }

        var isTimed = _start is not null;
        span.SetTimes(clock, _start ?? _startedAt, Latest(_start, _end, _lastGiven) ?? clock.Last);
        if (!isTimed)
        {
            span.Add(StepRecord.TimesMissing, "start and end");
            sink.WithoutTime++;
        }

        Keep(null);
        await sink.AddAsync(span, _first, cancellationToken).ConfigureAwait(false);
    }

    private void Keep(string? answer)
    {
        answer = answer?.Length > MostRequests ? null : answer;
        sink.Waiting += (answer?.Length ?? 0) - (_answer?.Length ?? 0);
        _answer = answer;
    }

    private ulong _startedAt;

    private void Start(ulong? time, FilePlace place)
    {
        if (!_isStarted)
        {
            (_isStarted, _first, _startedAt) = (true, place, clock.Last);
        }

        _start = _start is { } known && (time is null || known <= time) ? known : time;
    }

    private static ulong? Latest(params ReadOnlySpan<ulong?> times)
    {
        ulong? latest = null;
        foreach (var time in times)
        {
            latest = latest is null || time > latest ? time ?? latest : latest;
        }

        return latest;
    }

    private static string Number(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
