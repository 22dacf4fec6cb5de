using System.Text.Json;
using AgentOps.Rca.Importing.Sources;
using AgentOps.Rca.Importing.Steps;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Plain lists of messages, as callers of OpenAI and Anthropic keep them: a list, an object with <c>messages</c> beside the model, the tools and the
/// system text, one message a line, or several such objects, a line each or in a list. There is no id in them, so a run is known by its content.
/// </summary>
internal sealed class MessagesFile : IFileFormat
{
    private static readonly string[] ListNames = ["messages", "input", "output", "conversation", "history", "traj"];
    private const int MostTools = 1024 * 1024;

    private static readonly string[] About = ["model", "tools", "functions", "system", "instructions"];

    public string Name => ImportFormats.Messages;

    public bool Knows(FileShape shape) => shape.Any(IsMessage) || shape.Any(IsConversation);

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        if ((content.Shape.IsLines || content.Shape.IsArray) && content.Shape.Any(IsConversation))
        {
            var count = 0L;
            await foreach (var line in content.RecordsAsync(cancellationToken).ConfigureAwait(false))
            {
                count++;
                if (line.Problem is { } problem)
                {
                    sink.LeaveOut(problem, line.Place);
                }
                else
                {
                    await ReadOneAsync(ImportContent.Of(line.Bytes, line.Place), sink, cancellationToken).ConfigureAwait(false);
                }
            }

            return count;
        }

        return await ReadOneAsync(content, sink, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<long> ReadOneAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        var run = ImportIds.TraceOf(ImportFormats.Messages, await content.DigestAsync(cancellationToken).ConfigureAwait(false));
        var conversation = new Conversation(sink, StepRecord.Source("messages"), run, "", new RunClock());
        var messages = new MessageSteps(conversation, sink);
        if (!content.Shape.IsLines && !content.Shape.IsArray)
        {
            await ReadHeadAsync(content, conversation, messages, cancellationToken).ConfigureAwait(false);
        }

        var count = 0L;
        var records = content.Shape.IsLines ? content.LinesAsync(cancellationToken) : content.MembersAsync(static name => name.Length == 0 || Array.IndexOf(ListNames, name) >= 0, cancellationToken);
        await foreach (var record in records.ConfigureAwait(false))
        {
            count++;
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
            }
            else if (record.Index >= 0 || content.Shape.IsLines)
            {
                await messages.TakeAsync(record.Value, record.Place, cancellationToken).ConfigureAwait(false);
            }
            else if (record.Value.ValueKind == JsonValueKind.String && record.Name == "input")
            {
                conversation.Give($$"""{"role":"user","content":{{ImportJson.RawOf(record.Value)}}}""", isRequest: true, null, record.Place);
            }
        }

        await messages.EndAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    // The model, the tools and the system text may stand behind the messages.
    private static async ValueTask ReadHeadAsync(ImportContent content, Conversation conversation, MessageSteps messages, CancellationToken cancellationToken)
    {
        List<string> tools = [];
        var length = 0L;
        await foreach (var record in content.MembersAsync(static name => Array.IndexOf(About, name) >= 0, cancellationToken).ConfigureAwait(false))
        {
            if (record.Problem is not null)
            {
                continue;
            }

            switch (record.Name)
            {
                case "model" when record.Value.ValueKind == JsonValueKind.String:
                    messages.Model = ImportJson.TextOf(record.Value);
                    break;
                case "tools" or "functions" when record.Index >= 0 && (length += record.Bytes.Length) <= MostTools:
                    tools.Add(ImportJson.RawOf(record.Value));
                    break;
                case "system" or "instructions":
                    conversation.Offered.Add(new("gen_ai.system_instructions", ImportJson.ContentOf(record.Value)));
                    break;
            }
        }

        if (tools.Count > 0)
        {
            conversation.Offered.Add(new("gen_ai.tool.definitions", $"[{string.Join(',', tools)}]"));
        }
    }

    private static bool IsMessage(ValueShape value) =>
        (value["role"] is "system" or "developer" or "user" or "assistant" or "tool" or "function" or "model" && (value.Has("content") || value.Has("tool_calls") || value.Has("parts") || value.Has("function_call")))
        || (value["type"] is "function_call" or "function_call_output" or "reasoning" && (value.Has("call_id") || value.Has("summary")));

    private static bool IsConversation(ValueShape value) => value.Has("messages[]") || value.Has("input[]") || value.Has("conversation[]") || value.Has("history[]") || value.Has("traj[]");
}
