using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>The steps of an ATIF trajectory, and those of the sub-agents within it, whose runs hang below the calls that name them.</summary>
internal sealed class AtifTrajectory
{
    private const int MostReferences = 10_000;

    private readonly ImportSink _sink;
    private readonly AtifHead _head;
    private readonly string _traceId;
    private readonly Conversation _conversation;
    private readonly Dictionary<string, string> _callers = new(StringComparer.Ordinal);
    private long _number;

    public AtifTrajectory(AtifHead head, string run, ImportSink sink)
        : this(head, ImportIds.TraceOf(ImportFormats.Atif, run), "", parent: null, sink)
    {
    }

    private AtifTrajectory(AtifHead head, string traceId, string key, string? parent, ImportSink sink)
    {
        (_head, _traceId, _sink) = (head, traceId, sink);
        _conversation = new Conversation(sink, StepRecord.Source(head.Agent ?? "atif", head.Version), traceId, key, new RunClock(head.First)) { Agent = head.Agent, Parent = parent };
        if (head.Session is { } session)
        {
            _conversation.About.Add(new("session.id", OtlpValue.Of(session)));
        }

        if (head.Tools is { } tools)
        {
            _conversation.Offered.Add(new("gen_ai.tool.definitions", tools));
        }
    }

    /// <summary>Reads a trajectory that is in memory.</summary>
    public async ValueTask<long> ReadAsync(JsonElement document, FilePlace place, CancellationToken cancellationToken)
    {
        var count = 0L;
        foreach (var step in ImportJson.Items(document, "steps"))
        {
            await TakeAsync(step, At(place, "steps", count++), cancellationToken).ConfigureAwait(false);
        }

        var index = 0L;
        foreach (var child in ImportJson.Items(document, "subagent_trajectories"))
        {
            count += await ReadSubagentAsync(child, At(place, "subagent_trajectories", index++), cancellationToken).ConfigureAwait(false);
        }

        await EndAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    public async ValueTask<long> ReadSubagentAsync(JsonElement document, FilePlace place, CancellationToken cancellationToken)
    {
        if (document.ValueKind != JsonValueKind.Object)
        {
            _sink.LeaveOut("A trajectory of a sub-agent is no object.", place);
            return 0;
        }

        var head = AtifHead.Of(document);
        var key = head.Trajectory ?? head.Session ?? place.Pointer ?? "";
        var caller = _callers.GetValueOrDefault(key) ?? (head.Session is null ? null : _callers.GetValueOrDefault(head.Session));
        return await new AtifTrajectory(head, _traceId, key, caller ?? _conversation.RunSpanId, _sink).ReadAsync(document, place, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask TakeAsync(JsonElement step, FilePlace place, CancellationToken cancellationToken)
    {
        var source = ImportJson.Text(step, "source");
        var time = RunClock.Read(ImportJson.Find(step, "timestamp"));
        var message = ImportJson.Find(step, "message");
        _number++;
        if (source is "user" or "system")
        {
            if (message is { } said)
            {
                _conversation.Give(Message(source, said), source == "user" && !ImportJson.IsTrue(step, "is_copied_context"), time, place);
            }

            foreach (var result in ResultsOf(step))
            {
                _conversation.Give(Message("user", result.Content ?? default), isRequest: false, time, place);
            }
        }
        else if (source == "agent" && ImportJson.IsTrue(step, "is_copied_context"))
        {
            // It ran, and was counted, in the trajectory that this one goes on with.
            _conversation.Give(message is { } copied ? Message("assistant", copied) : """{"role":"assistant","content":""}""", isRequest: false, time, place);
        }
        else if (source == "agent")
        {
            await TakeAgentAsync(step, message, time, place, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _sink.LeaveOut("A step has a source that is not known.", place);
        }
    }

    public ValueTask EndAsync(CancellationToken cancellationToken) => _conversation.EndAsync(cancellationToken);

    private async ValueTask TakeAgentAsync(JsonElement step, JsonElement? message, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        var calls = ImportJson.Items(step, "tool_calls").ToList();
        var ids = new List<string>();
        List<ToolAsk> asks = [];
        foreach (var call in calls)
        {
            if (ImportJson.Text(call, "function_name") is not { } name)
            {
                _sink.LeaveOut("A tool call has no name.", place);
                continue;
            }

            // Ids need not differ from those of other steps.
            var given = ImportJson.Text(call, "tool_call_id");
            var id = given is not null && !_conversation.IsPending(given) && !ids.Contains(given) ? given : $"step {_number} call {ids.Count}";
            ids.Add(id);
            asks.Add(new ToolAsk(id, name, ImportJson.Find(call, "arguments") is { } arguments ? ImportJson.ContentOf(arguments) : null, time, place) { IsNamed = id == given });
        }

        if (ImportJson.Count(step, "llm_call_count") is not 0)
        {
            await _conversation.SayAsync(TurnOf(step, message, asks, time, place), cancellationToken).ConfigureAwait(false);
        }

        foreach (var ask in asks)
        {
            await _conversation.AskAsync(ask, cancellationToken).ConfigureAwait(false);
        }

        await AnswerAsync(step, asks, time, place, cancellationToken).ConfigureAwait(false);
    }

    private ModelTurn TurnOf(JsonElement step, JsonElement? message, List<ToolAsk> asks, ulong? time, FilePlace place)
    {
        var metrics = ImportJson.Object(step, "metrics") ?? default;
        var calls = string.Join(',', asks.Select(static ask => $$$"""{"id":{{{Quote(ask.Id)}}},"type":"function","function":{"name":{{{Quote(ask.Tool)}}},"arguments":{{{Quote(ask.Arguments ?? "")}}}}}"""));
        var content = message is { } said ? ImportJson.RawOf(said) : "null";
        return new ModelTurn(place)
        {
            Model = ImportJson.Text(step, "model_name") ?? _head.Model,
            Message = asks.Count == 0 ? $$"""{"role":"assistant","content":{{content}}}""" : $$"""{"role":"assistant","content":{{content}},"tool_calls":[{{calls}}]}""",
            IsAnswer = asks.Count == 0,
            Time = time,
            InputTokens = ImportJson.Count(metrics, "prompt_tokens"),
            OutputTokens = ImportJson.Count(metrics, "completion_tokens"),
            CacheReadTokens = ImportJson.Count(metrics, "cached_tokens"),
        };
    }

    private async ValueTask AnswerAsync(JsonElement step, List<ToolAsk> asks, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        var next = 0;
        foreach (var (id, content, references) in ResultsOf(step))
        {
            // A result that names no call is that of the next one that has none.
            var known = id is not null && asks.Exists(ask => ask.Id == id) ? id : next < asks.Count ? asks[next].Id : null;
            next++;
            if (known is not null && _conversation.IsPending(known))
            {
                foreach (var reference in references.Where(_ => _callers.Count < MostReferences))
                {
                    _callers.TryAdd(reference, _conversation.ToolSpanId(known));
                }

                await _conversation.AnswerAsync(known, new ToolAnswer(content is { } said ? ImportJson.ContentOf(said) : null, null), place, cancellationToken).ConfigureAwait(false);
            }

            if (content is { } told)
            {
                _conversation.Give(known is null ? Message("user", told) : $$"""{"role":"tool","tool_call_id":{{Quote(known)}},"content":{{ImportJson.RawOf(told)}}}""", isRequest: false, time, place);
            }
        }
    }

    private static IEnumerable<(string? Id, JsonElement? Content, List<string> References)> ResultsOf(JsonElement step)
    {
        foreach (var result in ImportJson.Object(step, "observation") is { } observation ? ImportJson.Items(observation, "results") : [])
        {
            var references = ImportJson.Items(result, "subagent_trajectory_ref")
                .SelectMany(static one => new[] { ImportJson.Text(one, "trajectory_id"), ImportJson.Text(one, "session_id") }).OfType<string>().ToList();
            yield return (ImportJson.Text(result, "source_call_id"), ImportJson.Find(result, "content"), references);
        }
    }

    private static FilePlace At(FilePlace place, string list, long index) =>
        place with { Pointer = $"{place.Pointer}/{list}/{index.ToString(CultureInfo.InvariantCulture)}" };

    private static string Message(string role, JsonElement content) =>
        $$"""{"role":"{{role}}","content":{{(content.ValueKind == JsonValueKind.Undefined ? "\"\"" : ImportJson.RawOf(content))}}}""";

    private static string Quote(string text) => ImportJson.Quote(text);
}
