using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>One conversation of a session of Claude Code.</summary>
internal sealed class ClaudeCodeThread(Conversation conversation, ImportSink sink)
{
    private const int MostStarted = 10_000;

    // What the program notes of its own work: hooks, summaries, how long a turn took, what it runs beside the conversation.
    private static readonly string[] Notes =
    [
        "compact_boundary", "microcompact_boundary", "local_command", "informational", "stop_hook_summary", "hook_started", "hook_progress", "hook_response", "turn_duration", "away_summary",
        "memory_saved", "status", "task_started", "task_progress", "task_notification", "files_persisted", "bridge_status", "scheduled_task_fire", "agents_killed", "api_metrics", "session_state_changed",
    ];

    private readonly OpenTurn _open = new(conversation);

    public Conversation Conversation => conversation;

    public bool IsMain { get; init; }

    /// <summary>The calls that started sub-agents.</summary>
    public List<StartedAgent> Started { get; } = [];

    /// <summary>A line of the model's words.</summary>
    public async ValueTask SayAsync(JsonElement line, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        if (ImportJson.Object(line, "message") is not { } message)
        {
            sink.LeaveOut("A line of the model has no message.", place);
            return;
        }

        var uuid = ImportJson.Text(line, "uuid");
        if (ImportJson.IsTrue(line, "isApiErrorMessage"))
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            await FailAsync(TextWithin(message) ?? "The model could not be called.", ImportJson.Text(line, "error"), uuid, time, place, cancellationToken).ConfigureAwait(false);
            return;
        }

        var key = ImportJson.Text(message, "id") ?? uuid ?? ImportJson.Text(line, "requestId");
        if (_open.Turn is not { } turn || key is null || turn.Key != key || _open.IsFull)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            turn = new ModelTurn(place) { Key = key };
        }

        _open.Turn = Describe(turn, message, time);
        Read(message, time, place);
    }

    /// <summary>A line of what the model was given: somebody's words, or results of tools.</summary>
    public async ValueTask GiveAsync(JsonElement line, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        if (ImportJson.Object(line, "message") is not { } message || ImportJson.Find(message, "content") is not { } content)
        {
            sink.LeaveOut("A line of the user has no message.", place);
            return;
        }

        var given = (Message: $$"""{"role":"user","content":{{GivenOf(line, content)}}}""", IsRequest: !ImportJson.IsTrue(line, "isMeta"), time, place);
        foreach (var block in content.ValueKind == JsonValueKind.Array ? content.EnumerateArray() : [])
        {
            if (ImportJson.Text(block, "type") == "tool_result")
            {
                given.IsRequest = false;
                await AnswerAsync(line, block, time, place, cancellationToken).ConfigureAwait(false);
            }
        }

        // Results of calls that ran at once come between the lines of the answer that asked for them.
        if (given.IsRequest || _open.IsFull)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        _open.Give(given.Message, given.IsRequest, time, place);
        if (given.IsRequest && UserWords.IsInterruption(TextWithin(message)))
        {
            conversation.Interrupt();
        }
    }

    /// <summary>A line of the program itself: an error of the model's service is a call that failed, and was tried again.</summary>
    public async ValueTask NoteAsync(JsonElement line, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        var subtype = ImportJson.Text(line, "subtype");
        if (subtype == "api_error")
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            var error = ImportJson.Object(line, "error") ?? default;
            var said = ImportJson.Find(error, "error", "error", "message") ?? ImportJson.Find(error, "error", "message") ?? ImportJson.Find(error, "message");
            var type = ImportJson.Find(error, "error", "error", "type") ?? ImportJson.Find(error, "error", "type");
            await FailAsync(
                said is { ValueKind: JsonValueKind.String } text ? ImportJson.TextOf(text) : error.ValueKind == JsonValueKind.Object ? ImportJson.RawOf(error) : "The model could not be called.",
                type is { ValueKind: JsonValueKind.String } kind ? ImportJson.TextOf(kind) : ImportJson.Count(error, "status")?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ImportJson.Text(line, "uuid"), time, place, cancellationToken).ConfigureAwait(false);
        }
        else if (ImportJson.Text(line, "type") == "result")
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            if (ImportJson.IsTrue(line, "is_error"))
            {
                conversation.Failure = ImportJson.Text(line, "result") ?? subtype ?? "The run failed.";
            }
        }
        else if (subtype == "init")
        {
            var tools = ImportJson.Items(line, "tools").Where(static tool => tool.ValueKind == JsonValueKind.String).Select(StepRecord.ToolNamed).ToList();
            if (tools.Count > 0 && conversation.Offered.Count == 0)
            {
                conversation.Offered.Add(new("gen_ai.tool.definitions", $"[{string.Join(',', tools)}]"));
            }
        }
        else if (Array.IndexOf(Notes, subtype) >= 0)
        {
            sink.PassOver($"Lines of the program itself ({subtype}) tell of no step.", place);
        }
        else
        {
            sink.LeaveOut($"Lines of the program itself{(subtype is null ? "" : $" ({OtlpText.Shorten(subtype, 40)})")} tell of no step.", place);
        }
    }

    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await conversation.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What a line of the user says, when it is one text.</summary>
    public static string? PromptOf(JsonElement line) => ImportJson.Object(line, "message") is { } message ? TextWithin(message) : null;

    // Of usage the last line is right: earlier ones were written while the answer came.
    private static ModelTurn Describe(ModelTurn turn, JsonElement message, ulong? time)
    {
        var usage = ImportJson.Object(message, "usage") ?? default;
        var (read, written) = (ImportJson.Count(usage, "cache_read_input_tokens"), ImportJson.Count(usage, "cache_creation_input_tokens"));
        var input = ImportJson.Count(usage, "input_tokens");
        return turn with
        {
            Model = ImportJson.Text(message, "model") ?? turn.Model,
            Time = time ?? turn.Time,
            InputTokens = input is null ? turn.InputTokens : input + (read ?? 0) + (written ?? 0),
            OutputTokens = ImportJson.Count(usage, "output_tokens") ?? turn.OutputTokens,
            CacheReadTokens = read ?? turn.CacheReadTokens,
            CacheWriteTokens = written ?? turn.CacheWriteTokens,
            Finish = ImportJson.Text(message, "stop_reason") ?? turn.Finish,
        };
    }

    private void Read(JsonElement message, ulong? time, FilePlace place)
    {
        if (ImportJson.Find(message, "content") is not { } content)
        {
            return;
        }

        if (content.ValueKind == JsonValueKind.String)
        {
            _open.Add($$"""{"type":"text","text":{{ImportJson.RawOf(content)}}}""", isText: true);
            return;
        }

        foreach (var block in content.ValueKind == JsonValueKind.Array ? content.EnumerateArray() : [])
        {
            var type = ImportJson.Text(block, "type");
            if (_open.Add(ImportJson.RawOf(block), type == "text")
                && type is "tool_use" or "server_tool_use" && ImportJson.Text(block, "name") is { } name && ImportJson.Text(block, "id") is { } id)
            {
                _open.Ask(new ToolAsk(id, name, ImportJson.Find(block, "input") is { } input ? ImportJson.ContentOf(input) : null, time, place));
                Start(id, block);
            }
        }
    }

    private void Start(string id, JsonElement block)
    {
        if (ImportJson.Object(block, "input") is { } input && ImportJson.Text(input, "prompt") is { } prompt && Started.Count < MostStarted)
        {
            Started.Add(new StartedAgent(id, StartedAgent.KeyOf(prompt), ImportJson.Text(input, "subagent_type")));
        }
    }

    private async ValueTask AnswerAsync(JsonElement line, JsonElement block, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        if (ImportJson.Text(block, "tool_use_id") is not { } id)
        {
            sink.LeaveOut("A result names no tool call.", place);
            return;
        }

        List<KeyValuePair<string, OtlpValue>> about = [];
        if (ImportJson.Object(line, "toolUseResult") is { } extra && ImportJson.Text(extra, "agentId") is { } agent)
        {
            about.Add(new("agentops.subagent.id", OtlpValue.Of(agent)));
        }

        var answer = new ToolAnswer(ImportJson.Find(block, "content") is { } content ? ImportJson.ContentOf(content) : null, time)
        {
            IsError = ImportJson.IsTrue(block, "is_error"),
            EndedByUser = EndOf(line, block),
            About = about,
        };
        await _open.AnswerAsync(id, answer, place, cancellationToken).ConfigureAwait(false);
    }

    private static string? EndOf(JsonElement line, JsonElement block) => UserWords.OfClaudeCode(
        ImportJson.Find(block, "content") is { } content ? ImportJson.ContentOf(content) : null, ImportJson.IsTrue(block, "is_error"), ImportJson.Find(line, "toolUseResult"));

    // What the model was given. A result that the user's word stands in for is no error of the tool, so it is not marked as one.
    private static string GivenOf(JsonElement line, JsonElement content)
    {
        if (content.ValueKind != JsonValueKind.Array || !content.EnumerateArray().Any(block => IsEnded(line, block)))
        {
            return ImportJson.RawOf(content);
        }

        return $"[{string.Join(',', content.EnumerateArray().Select(block => IsEnded(line, block) ? WithoutMark(block) : ImportJson.RawOf(block)))}]";

        static bool IsEnded(JsonElement line, JsonElement block) => ImportJson.Text(block, "type") == "tool_result" && EndOf(line, block) is not null;

        static string WithoutMark(JsonElement block) => $"{{{string.Join(',', block.EnumerateObject()
            .Select(static member => (Name: ImportJson.NameOf(member), member.Value)).Where(static member => member.Name != "is_error")
            .Select(static member => $"{ImportJson.Quote(member.Name)}:{ImportJson.RawOf(member.Value)}"))}}}";
    }

    private async ValueTask FailAsync(string message, string? type, string? key, ulong? time, FilePlace place, CancellationToken cancellationToken) =>
        await conversation.SayAsync(
            new ModelTurn(place) { Key = key, Model = conversation.LastModel, Time = time, Error = message, ErrorType = type, KeepsGiven = true },
            cancellationToken).ConfigureAwait(false);

    private ValueTask FlushAsync(CancellationToken cancellationToken) =>
        _open.FlushAsync("""{"role":"assistant","content":[""", "]}", cancellationToken);

    private static string? TextWithin(JsonElement message) => ImportJson.Find(message, "content") switch
    {
        { ValueKind: JsonValueKind.String } text => ImportJson.TextOf(text),
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().Select(static block => ImportJson.Text(block, "text")).FirstOrDefault(static text => text is not null) is { } first => first,
        _ => null,
    };
}

/// <summary>A tool call that started a sub-agent.</summary>
/// <param name="id">The id of the call.</param>
/// <param name="prompt">The key of what the sub-agent was given, which may be long.</param>
/// <param name="kind">Which kind of sub-agent, or null.</param>
internal sealed class StartedAgent(string id, UInt128 prompt, string? kind)
{
    public string Id => id;

    public UInt128 Prompt => prompt;

    public string? Kind => kind;

    /// <summary>Whether a conversation was found that it started.</summary>
    public bool IsTaken { get; set; }

    public static UInt128 KeyOf(string text) =>
        BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
