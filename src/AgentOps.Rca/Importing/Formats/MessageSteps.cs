using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Importing.Steps;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Makes a conversation of messages in the forms of OpenAI (chat completions with <c>tool_calls</c> or the older <c>function_call</c>, items of
/// responses) and Anthropic (<c>tool_use</c> and <c>tool_result</c> blocks). Shared by the readers whose formats hold such messages.
/// </summary>
internal sealed class MessageSteps(Conversation conversation, ImportSink sink)
{
    // An answer of a model has few items; this bounds what is held of a file that has nothing else.
    private const int MostItems = 256;

    // Calls without an id, in the order in which they were asked for.
    private readonly Queue<string> _nameless = new();
    private readonly List<string> _items = [];
    private readonly List<ToolAsk> _itemCalls = [];
    private bool _itemsSay;
    private long _itemsLength;
    private FilePlace _itemsAt;
    private long _number;

    /// <summary>The model that is meant where a message does not name one.</summary>
    public string? Model { get; set; }

    public async ValueTask TakeAsync(JsonElement message, FilePlace place, CancellationToken cancellationToken)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            sink.LeaveOut("A message is no object.", place);
            return;
        }

        var role = ImportJson.Text(message, "role");
        var type = ImportJson.Text(message, "type");
        var time = RunClock.Read(ImportJson.Find(message, "timestamp") ?? ImportJson.Find(message, "created_at"));
        if (type is "function_call" or "custom_tool_call" or "reasoning" || (type == "message" && role == "assistant"))
        {
            // Items that follow each other are one answer of the model.
            _itemsAt = _items.Count == 0 ? place : _itemsAt;
            _items.Add(ImportJson.RawOf(message));
            _itemsLength += _items[^1].Length;
            _itemsSay |= type == "message";
            _itemCalls.AddRange(CallsOf(message, null, place));
            if (_items.Count == MostItems || _itemsLength > ImportLimits.PendingLength / 4)
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        await FlushAsync(cancellationToken).ConfigureAwait(false);
        if (type is "function_call_output" or "custom_tool_call_output")
        {
            await AnswerAsync(message, ImportJson.Text(message, "call_id"), ImportJson.Find(message, "output"), false, time, place, cancellationToken).ConfigureAwait(false);
            conversation.Give(ImportJson.RawOf(message), isRequest: false, time, place);
            return;
        }

        switch (role)
        {
            case "assistant" or "model" or "ai":
                await SayAsync(message, time, place, cancellationToken).ConfigureAwait(false);
                break;
            case "tool" or "function":
                await AnswerAsync(
                    message, ImportJson.Text(message, "tool_call_id") ?? FirstOf(message, "tool_call_ids"), ImportJson.Find(message, "content"), ImportJson.Text(message, "status") == "error", time, place, cancellationToken).ConfigureAwait(false);
                conversation.Give(ImportJson.RawOf(message), isRequest: false, time, place);
                break;
            case "system" or "developer" or "user" or "human":
                var answers = await ReadResultsAsync(message, time, place, cancellationToken).ConfigureAwait(false);
                conversation.Give(ImportJson.RawOf(message), isRequest: answers == 0, time, place);
                break;
            default:
                sink.LeaveOut("A message has a role that is not known.", place);
                break;
        }
    }

    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await conversation.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SayAsync(JsonElement message, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        var calls = CallsOf(message, time, place).ToList();
        var usage = ImportJson.Object(message, "usage") ?? default;
        await conversation.SayAsync(
            new ModelTurn(place)
            {
                Model = ImportJson.Text(message, "model") ?? Model,
                Message = ImportJson.RawOf(message),
                IsAnswer = calls.Count == 0,
                Time = time,
                InputTokens = ImportJson.Count(usage, "input_tokens") ?? ImportJson.Count(usage, "prompt_tokens"),
                OutputTokens = ImportJson.Count(usage, "output_tokens") ?? ImportJson.Count(usage, "completion_tokens"),
                Finish = ImportJson.Text(message, "stop_reason") ?? ImportJson.Text(message, "finish_reason"),
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var call in calls)
        {
            await conversation.AskAsync(call, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_items.Count == 0)
        {
            return;
        }

        ToolAsk[] calls = [.. _itemCalls];
        var (message, isAnswer) = (string.Join(',', _items), calls.Length == 0 && _itemsSay);
        _items.Clear();
        _itemCalls.Clear();
        (_itemsSay, _itemsLength) = (false, 0);
        await conversation.SayAsync(
            new ModelTurn(_itemsAt)
            {
                Model = Model,
                Message = message,
                IsAnswer = isAnswer,
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var call in calls)
        {
            await conversation.AskAsync(call, cancellationToken).ConfigureAwait(false);
        }
    }

    private IEnumerable<ToolAsk> CallsOf(JsonElement message, ulong? time, FilePlace place)
    {
        foreach (var call in ImportJson.Items(message, "tool_calls"))
        {
            var function = ImportJson.Object(call, "function") ?? call;
            if ((ImportJson.Text(function, "name") ?? ImportJson.Text(call, "function")) is { } name)
            {
                yield return Ask(ImportJson.Text(call, "id"), name, ImportJson.Find(function, "arguments") ?? ImportJson.Find(function, "args"), time, place);
            }
            else
            {
                sink.LeaveOut("A tool call has no name.", place);
            }
        }

        if (ImportJson.Object(message, "function_call") is { } old && ImportJson.Text(old, "name") is { } oldName)
        {
            yield return Ask(null, oldName, ImportJson.Find(old, "arguments"), time, place);
        }

        if (ImportJson.Text(message, "type") is "function_call" or "custom_tool_call" && ImportJson.Text(message, "name") is { } tool)
        {
            yield return Ask(ImportJson.Text(message, "call_id") ?? ImportJson.Text(message, "id"), tool, ImportJson.Find(message, "arguments") ?? ImportJson.Find(message, "input"), time, place);
        }

        foreach (var block in ImportJson.Items(message, "content"))
        {
            if (ImportJson.Text(block, "type") == "tool_use" && ImportJson.Text(block, "name") is { } used)
            {
                yield return Ask(ImportJson.Text(block, "id"), used, ImportJson.Find(block, "input"), time, place);
            }
        }
    }

    private ToolAsk Ask(string? id, string name, JsonElement? arguments, ulong? time, FilePlace place)
    {
        _number++;
        var known = id ?? string.Create(CultureInfo.InvariantCulture, $"call {_number}");
        if (id is null)
        {
            _nameless.Enqueue(known);
        }

        return new ToolAsk(known, name, arguments is { } given ? ImportJson.ContentOf(given) : null, time, place) { IsNamed = id is not null };
    }

    private async ValueTask<int> ReadResultsAsync(JsonElement message, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var block in ImportJson.Items(message, "content"))
        {
            if (ImportJson.Text(block, "type") == "tool_result")
            {
                count++;
                await AnswerAsync(
                    block, ImportJson.Text(block, "tool_use_id"), ImportJson.Find(block, "content"), ImportJson.IsTrue(block, "is_error"), time, place, cancellationToken).ConfigureAwait(false);
            }
        }

        return count;
    }

    private static string? FirstOf(JsonElement message, string list) =>
        ImportJson.Items(message, list).FirstOrDefault() is { ValueKind: JsonValueKind.String } first ? ImportJson.TextOf(first) : null;

    private async ValueTask AnswerAsync(JsonElement message, string? id, JsonElement? content, bool isError, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        // An answer without an id is that of the call without one that waits longest.
        id = id is not null && conversation.IsPending(id) ? id : _nameless.TryDequeue(out var waiting) ? waiting : id;
        if (id is null)
        {
            sink.LeaveOut("A result names no tool call.", place);
            return;
        }

        var error = ImportJson.Object(message, "error");
        await conversation.AnswerAsync(
            id,
            new ToolAnswer(content is { } given ? ImportJson.ContentOf(given) : null, time)
            {
                IsError = isError || ImportJson.IsTrue(message, "is_error") || error is not null,
                Error = error is { } failed ? ImportJson.Text(failed, "message") : null,
                ErrorType = error is { } told ? ImportJson.Text(told, "type") : null,
            },
            place,
            cancellationToken).ConfigureAwait(false);
    }
}
