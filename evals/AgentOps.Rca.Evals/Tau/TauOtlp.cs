using System.Text.Json;
using AgentOps.Rca.Evals.Hosting;

namespace AgentOps.Rca.Evals.Tau;

/// <summary>A run as OTLP, and which message each span stands for: a tool call stands for the message that asked for it.</summary>
internal sealed record TauOtlp(string TraceId, ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, int> Messages)
{
    /// <param name="run">The run.</param>
    /// <param name="traceId">The id of its trace.</param>
    /// <param name="domain">Which service the agent is of.</param>
    /// <param name="tools">The tools offered, as JSON in OpenAI's form.</param>
    /// <param name="nested">Whether tool calls are below the model call that asked for them, or beside it.</param>
    public static TauOtlp Of(TauRun run, string traceId, string domain, JsonElement tools, bool nested)
    {
        var messages = run.Messages;
        using var trace = new ChatTrace(traceId, domain, $"{domain}-agent", messages.Count + 1);
        var places = new Dictionary<string, int>();
        var definitions = $"[{string.Join(',', tools.EnumerateArray().Select(Definition))}]";
        var instructions = $"[{string.Join(',', messages.Where(message => message.Role == "system").Select(message => ChatTrace.TextPart(message.Content ?? "")))}]";
        List<string> history = [];
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message.Role == "assistant")
            {
                var calls = message.ToolCalls ?? [];
                var answers = AnswersTo(messages, i);
                var finish = calls.Count > 0 ? "tool_call" : "stop";
                var said = Said(message);
                var call = trace.AddModelCall(
                    i, nested && answers.Count > 0 ? answers.Values.Max() + 0.5 : i + 0.8, history, ChatTrace.Message("assistant", said, finish), finish,
                    ("gen_ai.system_instructions", instructions), ("gen_ai.tool.definitions", definitions));
                places.Add(trace.StoredId(call), i);
                foreach (var (order, asked) in calls.Index())
                {
                    var (at, result) = answers.TryGetValue(asked.Id, out var answer) ? (answer, messages[answer].Content) : (i + 1 + order, null);
                    var tool = trace.AddToolCall(nested ? call : trace.Root, at, asked.Function.Name, asked.Id, asked.Function.Arguments, result);
                    places.Add(trace.StoredId(tool), i);
                }

                history.Add(ChatTrace.Message("assistant", said));
            }
            else if (message.Role != "system")
            {
                history.Add(ChatTrace.Message(message.Role, [
                    message.ToolCallId is { } id
                        ? $$"""{"type":"tool_call_response","id":{{ChatTrace.Quote(id)}},"response":{{ChatTrace.Quote(message.Content ?? "")}}}"""
                        : ChatTrace.TextPart(message.Content ?? ""),
                ]));
            }
        }

        return new TauOtlp(traceId, trace.ToOtlp().ToArray(), places);
    }

    // Ids of calls may come again later in a run; the answers stand right behind the message that asks.
    private static Dictionary<string, int> AnswersTo(IReadOnlyList<TauMessage> messages, int asking)
    {
        var answers = new Dictionary<string, int>();
        for (var i = asking + 1; i < messages.Count && messages[i].Role == "tool"; i++)
        {
            answers.TryAdd(messages[i].ToolCallId ?? "", i);
        }

        return answers;
    }

    private static List<string> Said(TauMessage message) =>
    [
        .. string.IsNullOrEmpty(message.Content) ? [] : new[] { ChatTrace.TextPart(message.Content) },
        .. (message.ToolCalls ?? []).Select(call =>
            $$"""{"type":"tool_call","id":{{ChatTrace.Quote(call.Id)}},"name":{{ChatTrace.Quote(call.Function.Name)}},"arguments":{{Json(call.Function.Arguments)}}}"""),
    ];

    private static string Definition(JsonElement tool)
    {
        var function = tool.GetProperty("function");
        return $$"""{"type":"function","name":{{function.GetProperty("name").GetRawText()}},"description":{{function.GetProperty("description").GetRawText()}},"parameters":{{function.GetProperty("parameters").GetRawText()}}}""";
    }

    // What a model wrote need not be JSON; then it stays the text that it is.
    private static string Json(string arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(arguments);
            return arguments;
        }
        catch (JsonException)
        {
            return ChatTrace.Quote(arguments);
        }
    }
}
