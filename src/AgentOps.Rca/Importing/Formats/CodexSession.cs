using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// The conversation of a session of Codex. Items that follow each other are one answer of the model; what it used is told behind it, sometimes more
/// than once, and counts when the session's sum has grown.
/// </summary>
internal sealed partial class CodexSession
{
    private const string Agent = "codex";

    private readonly ImportSink _sink;
    private readonly Conversation _conversation;
    private readonly OpenTurn _open;
    private string? _model;
    private bool _isSaid;
    private long? _total;

    public CodexSession(string id, JsonElement first, ImportSink sink)
    {
        _sink = sink;
        var meta = ImportJson.Object(first, "payload") ?? first;
        var trace = ImportIds.TraceOf(ImportFormats.Codex, id);
        _conversation = new Conversation(sink, StepRecord.Source(Agent, ImportJson.Text(meta, "cli_version")), trace, "", new RunClock(RunClock.Read(ImportJson.Find(first, "timestamp")))) { Agent = Agent };
        _open = new OpenTurn(_conversation);
        _conversation.About.Add(new("session.id", OtlpValue.Of(id)));
        if (ImportJson.Find(meta, "source", "subagent", "thread_spawn", "parent_thread_id") is { ValueKind: JsonValueKind.String } parent)
        {
            _conversation.About.Add(new("agentops.parent_session.id", OtlpValue.Of(ImportJson.TextOf(parent))));
        }

        if ((ImportJson.Find(meta, "base_instructions", "text") ?? ImportJson.Find(meta, "instructions")) is { ValueKind: JsonValueKind.String } instructions)
        {
            _conversation.Give($$"""{"role":"system","content":{{ImportJson.RawOf(instructions)}}}""", isRequest: false, null, default);
        }
    }

    /// <summary>The session that a first line begins; null when it is none.</summary>
    public static CodexSession? Of(JsonElement first, ImportSink sink)
    {
        var id = ImportJson.Text(first, "type") == "session_meta" ? ImportJson.Object(first, "payload") is { } meta ? ImportJson.Text(meta, "id") : null
            : ImportJson.Text(first, "type") is null ? ImportJson.Text(first, "id") : null;
        return id is null ? null : new CodexSession(id, first, sink);
    }

    public async ValueTask TakeAsync(JsonElement line, FilePlace place, CancellationToken cancellationToken)
    {
        var time = RunClock.Read(ImportJson.Find(line, "timestamp"));
        var payload = ImportJson.Object(line, "payload");
        switch (ImportJson.Text(line, "type"))
        {
            case "session_meta":
            case null:
                break;
            case "turn_context":
                _model = (payload is { } context ? ImportJson.Text(context, "model") : null) ?? _model;
                break;
            case "response_item" when payload is { } item:
                await TakeItemAsync(item, time, place, cancellationToken).ConfigureAwait(false);
                break;
            case "event_msg" when payload is { } told:
                await TakeEventAsync(told, time, place, cancellationToken).ConfigureAwait(false);
                break;
            case "compacted" when payload is { } compacted && ImportJson.Find(compacted, "message") is { ValueKind: JsonValueKind.String } summary:
                _open.Give($$"""{"role":"user","content":{{ImportJson.RawOf(summary)}}}""", isRequest: false, time, place);
                break;
            default:
                if (payload is null)
                {
                    await TakeItemAsync(line, time, place, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    _sink.LeaveOut("A line has a type that is not known.", place);
                }

                break;
        }
    }

    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await _conversation.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask TakeItemAsync(JsonElement item, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        var type = ImportJson.Text(item, "type");
        switch (type)
        {
            case "message" when ImportJson.Text(item, "role") is not "assistant":
                _isSaid = true;
                if (_open.IsFull)
                {
                    await FlushAsync(cancellationToken).ConfigureAwait(false);
                }

                _open.Give(ImportJson.RawOf(item), ImportJson.Text(item, "role") == "user" && !IsContext(item), time, place);
                break;
            case "message" or "reasoning" or "function_call" or "custom_tool_call" or "local_shell_call" or "web_search_call" or "tool_search_call" or "image_generation_call":
                await SayAsync(item, type, time, place, cancellationToken).ConfigureAwait(false);
                break;
            case "function_call_output" or "custom_tool_call_output" or "tool_search_output" or "local_shell_call_output" or "mcp_tool_call_output":
                await AnswerAsync(item, time, place, cancellationToken).ConfigureAwait(false);
                break;
            case "ghost_snapshot" or "compaction" or "compaction_summary" or "context_compaction":
                _sink.PassOver($"Items of the type '{type}' tell of no step.", place);
                break;
            default:
                _sink.LeaveOut("An item has a type that is not known.", place);
                break;
        }
    }

    private async ValueTask SayAsync(JsonElement item, string type, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        if (_open.Turn is not { } turn || _isSaid || _open.IsFull)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            turn = new ModelTurn(place) { Model = _model };
        }

        _open.Turn = turn with { Time = time ?? turn.Time };
        _open.Add(ImportJson.RawOf(item), type == "message");
        var tool = ImportJson.Text(item, "name") ?? type switch
        {
            "local_shell_call" => "shell",
            "web_search_call" => "web_search",
            "tool_search_call" => "tool_search",
            "image_generation_call" => "image_generation",
            _ => null,
        };
        if (tool is null || type is "message" or "reasoning")
        {
            return;
        }

        var id = ImportJson.Text(item, "call_id") ?? ImportJson.Text(item, "id") ?? $"line {place.Line.ToString(CultureInfo.InvariantCulture)}";
        var arguments = ImportJson.Find(item, "arguments") ?? ImportJson.Find(item, "input") ?? ImportJson.Find(item, "action");
        _open.Ask(new ToolAsk(id, tool, arguments is { } given ? ImportJson.ContentOf(given) : null, time, place) { IsNamed = ImportJson.Text(item, "call_id") is not null });
    }

    private async ValueTask AnswerAsync(JsonElement item, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        _isSaid = true;
        if (_open.IsFull)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        if (ImportJson.Text(item, "call_id") is not { } id)
        {
            _sink.LeaveOut("A result names no tool call.", place);
            return;
        }

        var content = ImportJson.Find(item, "output") is { } output ? ImportJson.ContentOf(output) : null;
        var code = ExitCodeOf(content);
        var ended = UserWords.OfCodex(content);
        var isError = code is > 0 or < 0 || ImportJson.Find(item, "output", "success") is { ValueKind: JsonValueKind.False };
        await _open.AnswerAsync(
            id,
            new ToolAnswer(content, time)
            {
                IsError = isError,
                EndedByUser = ended,
                About = code is { } exit ? [new("process.exit.code", OtlpValue.Of(exit))] : [],
            },
            place,
            cancellationToken).ConfigureAwait(false);
        _open.Give(ImportJson.RawOf(item), isRequest: false, time, place);
    }

    private async ValueTask TakeEventAsync(JsonElement told, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        switch (ImportJson.Text(told, "type"))
        {
            case "token_count":
                Count(told);
                break;
            case "error" or "stream_error":
                // A stream that broke is tried again; each try is a call of its own.
                await FlushAsync(cancellationToken).ConfigureAwait(false);
                await _conversation.SayAsync(
                    new ModelTurn(place) { Model = _model, Time = time, Error = ImportJson.Text(told, "message") ?? "The model could not be called.", KeepsGiven = true },
                    cancellationToken).ConfigureAwait(false);
                break;
            case "turn_aborted" when ImportJson.Text(told, "reason") is { } reason:
                await FlushAsync(cancellationToken).ConfigureAwait(false);
                _conversation.About.RemoveAll(static one => one.Key == "codex.turn_aborted");
                _conversation.About.Add(new("codex.turn_aborted", OtlpValue.Of(reason)));
                if (reason == "interrupted")
                {
                    _conversation.Interrupt();
                }

                break;
            default:
                // The other events repeat what the items say.
                break;
        }
    }

    private void Count(JsonElement told)
    {
        if (ImportJson.Object(told, "info") is not { } info || ImportJson.Object(info, "last_token_usage") is not { } usage)
        {
            return;
        }

        var total = ImportJson.Find(info, "total_token_usage", "total_tokens") is { ValueKind: JsonValueKind.Number } sum && sum.TryGetInt64(out var count) ? count : (long?)null;
        if ((total is not null && total == _total) || _open.Turn is not { } turn)
        {
            return;
        }

        (_total, _isSaid) = (total, true);
        _open.Turn = turn with
        {
            InputTokens = Sum(turn.InputTokens, ImportJson.Count(usage, "input_tokens")),
            OutputTokens = Sum(turn.OutputTokens, ImportJson.Count(usage, "output_tokens")),
            CacheReadTokens = Sum(turn.CacheReadTokens, ImportJson.Count(usage, "cached_input_tokens")),
        };
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _isSaid = false;
        await _open.FlushAsync("", "", cancellationToken).ConfigureAwait(false);
    }

    private static long? Sum(long? one, long? other) => one is null ? other : other is null ? one : one.Value > long.MaxValue - other.Value ? long.MaxValue : one + other;

    private static bool IsContext(JsonElement message) =>
        ImportJson.Items(message, "content").FirstOrDefault() is { ValueKind: JsonValueKind.Object } first && ImportJson.Text(first, "text") is { } text
        && (text.StartsWith("<environment_context>", StringComparison.Ordinal) || text.StartsWith("<user_instructions>", StringComparison.Ordinal)
            || text.StartsWith("# AGENTS.md", StringComparison.Ordinal));

    // The exit code stands in the result: in a JSON text, or on the first lines.
    private static int? ExitCodeOf(string? content) =>
        content is not null && ExitCode().Match(content) is { Success: true } found && int.TryParse(found.Groups[1].ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code)
            ? code : null;

    [GeneratedRegex("""(?:^\s*\{.*"metadata"\s*:\s*\{\s*"exit_code"\s*:\s*|^(?:[^\n]*\n){0,3}(?:Exit code: |Process exited with code ))(-?\d{1,9})""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex ExitCode();
}
