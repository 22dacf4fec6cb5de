using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Reads messages in the forms that frameworks record them in: OpenTelemetry's GenAI conventions (<c>parts</c>), OpenAI's chat completions
/// and responses, Anthropic's content blocks, the AI SDK of Vercel, Microsoft.Extensions.AI, LangChain, and Google's <c>parts</c>.
/// </summary>
internal sealed class MessageReader
{
    private const int MostDepth = 12;

    // Where messages stand in what a call was given or gave back, in the order in which they are said.
    private static readonly string[] Containers =
    [
        "gen_ai.input.messages", "gen_ai.output.messages", "ai.prompt.messages", "ai.prompt", "gen_ai.prompt", "gen_ai.completion", "messages", "message",
        "contents", "prompt", "body", "request", "choices", "generations", "candidates", "updates", "input", "output", "response", "kwargs",
        "input.value", "output.value", "traceloop.entity.input", "traceloop.entity.output", "langfuse.observation.input", "langfuse.observation.output",
        "mlflow.spanInputs", "mlflow.spanOutputs", "gen_ai.input", "gen_ai.output", "all_messages_events", "pydantic_ai.all_messages", "final_result",
    ];

    // What vendors call the same, which counts where nothing stands under a name of everybody's.
    private static readonly string[] OfVendors =
        ["gen_ai.agent.invocation_input", "gen_ai.agent.invocation_output", "gcp.vertex.agent.llm_request", "gcp.vertex.agent.llm_response"];

    private static readonly string[] Instructions = ["gen_ai.system_instructions", "system", "instructions", "systemInstruction", "system_instruction"];

    /// <summary>The messages, in their order.</summary>
    public List<RunMessage> Messages { get; } = [];

    /// <summary>The finish reasons that stand beside them.</summary>
    public List<Passage> FinishReasons { get; } = [];

    /// <summary>Reads what stands in a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="role">Whose words they are when nothing says so.</param>
    public void Read(JsonElement value, Place place, string role) => Read(value, place, role, inner: false, depth: 0);

    private void Read(JsonElement value, Place place, string role, bool inner, int depth)
    {
        if (depth > MostDepth)
        {
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                var text = value.GetString()!;
                if (Envelope.TryParse(text, out var parsed) && LooksLikeMessages(parsed))
                {
                    Read(parsed, place, role, inner: true, depth + 1);
                }
                else if (text.Length > 0)
                {
                    Add(new RunMessage(role), message => message.Texts.Add(new Passage(text, place)));
                }

                break;
            case JsonValueKind.Array:
                ReadList(value, place, role, inner, depth);
                break;
            case JsonValueKind.Object:
                ReadObject(value, place, role, inner, depth);
                break;
        }
    }

    private void ReadList(JsonElement list, Place place, string role, bool inner, int depth)
    {
        var index = 0;
        RunMessage? parts = null;
        foreach (var item in list.EnumerateArray())
        {
            var at = inner ? place : place.Item(index++);
            if (item.ValueKind == JsonValueKind.Object && !IsMessage(item) && MessageParts.Type(item) is not null)
            {
                // Parts without a message around them: one message of whoever speaks here.
                parts ??= new RunMessage(role);
                MessageParts.Read(parts, item, at, inner);
                continue;
            }

            Flush(ref parts);
            Read(item, at, role, inner, depth + 1);
        }

        Flush(ref parts);
    }

    private void Flush(ref RunMessage? parts)
    {
        if (parts is { IsEmpty: false })
        {
            Messages.Add(Settled(parts));
        }

        parts = null;
    }

    private void ReadObject(JsonElement value, Place place, string role, bool inner, int depth)
    {
        NoteFinish(value, place, inner);
        if (IsMessage(value))
        {
            ReadMessage(value, place, role, inner);
            return;
        }

        var before = Messages.Count;
        if (FlatMessages.IsFlat(value))
        {
            Messages.AddRange(FlatMessages.Read(value, place, inner));
        }

        var flat = Messages.Count - before;
        foreach (var name in Instructions)
        {
            if (value.TryGetProperty(name, out var instructions) && flat == 0)
            {
                Read(instructions, inner ? place : place.Member(name), "system", inner, depth + 1);
            }
        }

        foreach (var name in Containers)
        {
            if (value.TryGetProperty(name, out var member) && member.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            {
                var read = Messages.Count;
                Read(member, inner ? place : place.Member(name), role, inner, depth + 1);
                if (flat > 0)
                {
                    // The same messages once more, raw: they only lend their ids.
                    FlatMessages.LendIds(Messages, before, flat, read);
                    Messages.RemoveRange(read, Messages.Count - read);
                }
            }
        }

        if (Messages.Count == before && !MethodVersion.IsBefore(5))
        {
            ReadVendors(value, place, role, inner, depth);
        }

        if (Messages.Count == before)
        {
            ReadLoose(value, place, role, inner);
        }

        // Google's requests have the instructions beside what the answer may look like.
        if (!MethodVersion.IsBefore(5) && value.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object && value.TryGetProperty("contents", out _))
        {
            foreach (var name in Instructions)
            {
                if (config.TryGetProperty(name, out var instructions))
                {
                    Read(instructions, inner ? place : place.Member("config").Member(name), "system", inner, depth + 1);
                }
            }
        }
    }

    private void ReadVendors(JsonElement value, Place place, string role, bool inner, int depth)
    {
        foreach (var name in OfVendors)
        {
            if (value.TryGetProperty(name, out var member))
            {
                Read(member, inner ? place : place.Member(name), role, inner, depth + 1);
            }
        }

        // Google's answers hold their message as "content", with its role and its parts in it.
        if (value.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Object && content.TryGetProperty("parts", out var parts) && parts.ValueKind == JsonValueKind.Array)
        {
            ReadMessage(content, inner ? place : place.Member("content"), role, inner);
        }
    }

    // {"text":"…","toolCalls":[…]} and the like: an answer without a message around it.
    private void ReadLoose(JsonElement value, Place place, string role, bool inner)
    {
        var message = new RunMessage(role);
        foreach (var name in (ReadOnlySpan<string>)["ai.response.text", "text", "content", "ai.response.object"])
        {
            if (value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } said)
            {
                message.Texts.Add(new Passage(said, inner ? place : place.Member(name)));
                break;
            }
        }

        MessageParts.ReadCalls(message, value, place, inner);
        Add(message, static _ => { });
    }

    private void ReadMessage(JsonElement value, Place place, string role, bool inner)
    {
        if (value.TryGetProperty("event", out var name) && name.ValueKind == JsonValueKind.String)
        {
            ReadEvent(value, name.GetString()!, place, inner);
            return;
        }

        if (value.TryGetProperty("kwargs", out var kwargs) && kwargs.ValueKind == JsonValueKind.Object && value.TryGetProperty("lc", out _))
        {
            var kind = value.TryGetProperty("id", out var path) && path.ValueKind == JsonValueKind.Array && path.GetArrayLength() > 0 ? path[path.GetArrayLength() - 1].ToString() : "";
            NoteFinish(kwargs, inner ? place : place.Member("kwargs"), inner);
            ReadMessage(kwargs, inner ? place : place.Member("kwargs"), RoleOf(kind) ?? role, inner);
            return;
        }

        var message = new RunMessage(RoleOf(value.TextOf("role")) ?? RoleOf(value.TextOf("type")) ?? role);
        MessageParts.ReadMessage(message, value, place, inner);
        Add(message, static _ => { });
    }

    // Conventions before messages were attributes: an event a message, whose body is a JSON text or loose members.
    private void ReadEvent(JsonElement value, string name, Place place, bool inner)
    {
        var role = name.Contains("system", StringComparison.Ordinal) ? "system"
            : name.Contains("user", StringComparison.Ordinal) || name.EndsWith("prompt", StringComparison.Ordinal) ? "user"
            : name.Contains("tool", StringComparison.Ordinal) ? "tool" : "assistant";
        foreach (var member in (ReadOnlySpan<string>)["gen_ai.event.content", "gen_ai.prompt", "gen_ai.completion", "body"])
        {
            if (value.TryGetProperty(member, out var content))
            {
                var at = inner ? place : place.Member(member);
                if (content.ValueKind == JsonValueKind.String && Envelope.TryParse(content.GetString()!, out var parsed))
                {
                    ReadBody(parsed, at, role, inner: true);
                }
                else
                {
                    ReadBody(content, at, role, inner);
                }

                return;
            }
        }

        ReadBody(value, place, role, inner);
    }

    private void ReadBody(JsonElement body, Place place, string role, bool inner)
    {
        NoteFinish(body, place, inner);
        if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty("message", out var within) && within.ValueKind == JsonValueKind.Object)
        {
            (body, place) = (within, inner ? place : place.Member("message"));
        }

        if (body.ValueKind != JsonValueKind.Object)
        {
            Read(body, place, role, inner, depth: 1);
            return;
        }

        // The parts of a message as a JSON text, as Strands writes them.
        foreach (var name in MethodVersion.IsBefore(5) ? [] : (ReadOnlySpan<string>)["message", "content"])
        {
            if (body.TextOf(name) is { } text && Envelope.TryParse(text, out var parsed) && parsed.ValueKind == JsonValueKind.Array && LooksLikeMessages(parsed))
            {
                Read(parsed, inner ? place : place.Member(name), role, inner: true, depth: 1);
                return;
            }
        }

        var message = new RunMessage(RoleOf(body.TextOf("role")) ?? role);
        MessageParts.ReadMessage(message, body, place, inner);
        Add(message, static _ => { });
    }

    private void NoteFinish(JsonElement value, Place place, bool inner)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var name in (ReadOnlySpan<string>)["finish_reason", "finishReason", "stop_reason", "ai.response.finishReason"])
        {
            if (value.TextOf(name) is { Length: > 0 } reason)
            {
                FinishReasons.Add(new Passage(reason, inner ? place : place.Member(name)));
            }
        }

        // OpenAI's responses are incomplete instead of having a finish reason.
        if (value.TryGetProperty("incomplete_details", out var details) && details.ValueKind == JsonValueKind.Object && details.TextOf("reason") is { } cut)
        {
            FinishReasons.Add(new Passage(cut, inner ? place : place.Member("incomplete_details").Member("reason")));
        }

        if (value.TryGetProperty("response_metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
        {
            NoteFinish(metadata, inner ? place : place.Member("response_metadata"), inner);
        }
    }

    private void Add(RunMessage message, Action<RunMessage> fill)
    {
        fill(message);
        if (!message.IsEmpty)
        {
            Messages.Add(Settled(message));
        }
    }

    // What gives answers to calls and says nothing else is a tool's message, whoever is said to have sent it.
    private static RunMessage Settled(RunMessage message)
    {
        if (message is not { Answers.Count: > 0, Calls.Count: 0, Texts.Count: 0, Role: not "tool" })
        {
            return message;
        }

        var tool = new RunMessage("tool");
        tool.Answers.AddRange(message.Answers);
        return tool;
    }

    private static bool LooksLikeMessages(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() > 0 && value.EnumerateArray().Take(3).All(item => LooksLikeMessages(item) || MessageParts.Type(item) is not null),
        JsonValueKind.Object => IsMessage(value) || Array.Exists(Containers, name => value.TryGetProperty(name, out var member)
                && member.ValueKind is JsonValueKind.Array or JsonValueKind.Object && LooksLikeMessages(member))
            || (value.TryGetProperty("toolCalls", out var calls) && calls.ValueKind == JsonValueKind.Array),
        _ => false,
    };

    private static bool IsMessage(JsonElement value) => value.ValueKind == JsonValueKind.Object
        && ((value.TryGetProperty("role", out var role) && role.ValueKind == JsonValueKind.String)
            || (value.TryGetProperty("event", out var name) && name.ValueKind == JsonValueKind.String && name.GetString()!.StartsWith("gen_ai.", StringComparison.Ordinal))
            || (value.TryGetProperty("lc", out _) && value.TryGetProperty("kwargs", out _))
            || (value.TextOf("type") is "human" or "ai" or "HumanMessage" or "AIMessage" or "SystemMessage" or "ToolMessage" && value.TryGetProperty("content", out _)));

    private static string? RoleOf(string? name) => name?.ToUpperInvariant() switch
    {
        "SYSTEM" or "DEVELOPER" or "SYSTEMMESSAGE" => "system",
        "USER" or "HUMAN" or "HUMANMESSAGE" => "user",
        "ASSISTANT" or "AI" or "MODEL" or "AIMESSAGE" or "AIMESSAGECHUNK" => "assistant",
        "TOOL" or "FUNCTION" or "TOOLMESSAGE" or "FUNCTION_CALL_OUTPUT" or "FUNCTION_CALL_RESULT" => "tool",
        _ => null,
    };
}
