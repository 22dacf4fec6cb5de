using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.OpenTelemetry;

namespace AgentOps.Rca.Tests.Analysis;

/// <summary>The conventions in which frameworks write down what an agent does.</summary>
public enum Convention
{
    /// <summary>OpenTelemetry's own, with messages in attributes.</summary>
    GenAi,

    /// <summary>OpenInference's numbered attributes.</summary>
    OpenInference,

    /// <summary>OpenLLMetry's numbered attributes.</summary>
    Traceloop,

    /// <summary>Google ADK's requests and responses.</summary>
    GoogleAdk,

    /// <summary>Strands' events with Bedrock's blocks.</summary>
    Strands,

    /// <summary>Semantic Kernel's events before 1.38.</summary>
    SemanticKernel,

    /// <summary>pydantic-ai, whose run holds all messages.</summary>
    Pydantic,
}

/// <summary>
/// One run of an agent as a framework's OpenTelemetry spans, written step by step in any of the conventions, so that a fault is tried in each. A step
/// takes a second when nothing else is said.
/// </summary>
internal sealed class AgentTrace(Convention convention, string system = "Be of help.", string model = "gpt-4o")
{
    private const string Root = "a000000000000001";

    private readonly List<OtlpRecord> _records = [];
    private readonly List<Message> _messages = [];
    private string _request = "";
    private string? _answer;
    private double _now;
    private int _count = 1;

    /// <summary>Says that the run failed, in these words.</summary>
    public string? RunError { get; init; }

    public AgentTrace Asked(string request)
    {
        _request = request;
        _messages.Add(new Message("user", request, null, null));
        return this;
    }

    /// <summary>The model asks for tools: the id, the name and the arguments of each.</summary>
    public AgentTrace Calls(params (string Id, string Tool, string Arguments)[] calls) => Model(null, calls, "tool_calls", null, null, null);

    public AgentTrace Answers(string text, string finish = "stop", string more = "{}")
    {
        _answer = text;
        return Model(text, [], finish, more, null, null);
    }

    /// <summary>A model call that failed, and of another model.</summary>
    public AgentTrace ModelFails(string error) => Model(null, [], null, null, error, null);

    public AgentTrace AnswersAs(string other, string text) => Model(_answer = text, [], "stop", null, null, other);

    /// <summary>A tool runs.</summary>
    public AgentTrace Runs(string id, string tool, string arguments, string? result, string? error = null, double seconds = 1, double? from = null, bool told = true)
    {
        var start = from ?? _now;
        _now = Math.Max(_now, start + seconds);
        Add(ToolOf(id, tool, arguments, result) with { Error = error, From = start, To = start + seconds, Parent = Root }, error);
        if (told)
        {
            _messages.Add(new Message("tool", result ?? error, id, null) { Name = tool });
        }

        return this;
    }

    /// <summary>What else happens below the last step, or below the run.</summary>
    public AgentTrace Below(OtlpRecord record, double from, double to, bool ofRun = false)
    {
        var parent = ofRun ? Root : _records[^1].Parent == Root ? _records[^1].Id : _records[^1].Parent;
        Add(record with { Parent = parent, From = from, To = to }, record.Error);
        return this;
    }

    public double Now => _now;

    public async Task<RcaReport> AnalyzeAsync()
    {
        List<Span> spans = [];
        List<ReadOnlyMemory<byte>> artifacts = [];
        foreach (var record in _records.Prepend(RunOf() with { Id = Root, Parent = "", From = 0, To = _now, Error = RunError }))
        {
            var (span, arguments, result) = await record.TakeAsync();
            spans.Add(span);
            artifacts.AddRange(new[] { arguments, result }.OfType<string>().Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text)));
        }

        var report = await new TraceRcaEngine().AnalyzeAsync(RcaCase.Create(Samples.Incident(1) with { ProblemType = "imported_run" }, spans, artifacts), cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(report.Evidence, item => Assert.True(item.Checked, item.Text));
        return report;
    }

    private AgentTrace Model(string? text, (string Id, string Tool, string Arguments)[] calls, string? finish, string? more, string? error, string? other)
    {
        var name = other ?? model;
        var record = error is null ? ModelOf(text, calls, finish, name) : new OtlpRecord($"chat {name}", Json(("gen_ai.operation.name", Operation), ("gen_ai.system", "openai"), ("gen_ai.request.model", name)));
        if (more is not null)
        {
            var attributes = JsonNode.Parse(record.Attributes)!.AsObject();
            foreach (var (key, value) in JsonNode.Parse(more)!.AsObject())
            {
                attributes[key] = value?.DeepClone();
            }

            record = record with { Attributes = attributes.ToJsonString() };
        }

        Add(record with { From = _now, To = _now += 1, Parent = Root, Error = error }, error);
        if (error is null)
        {
            _messages.Add(new Message("assistant", text, null, calls));
        }

        return this;
    }

    private string Operation => convention is Convention.SemanticKernel ? "chat.completions" : "chat";

    private void Add(OtlpRecord record, string? error) => _records.Add(record with
    {
        Id = (++_count).ToString("x16", CultureInfo.InvariantCulture),
        Scope = Scope,
        Events = error is null ? record.Events : [.. record.Events, ("exception", Json(("exception.type", "ToolError"), ("exception.message", error)))],
    });

    private string Scope => convention switch
    {
        Convention.OpenInference => "openinference.instrumentation.openai",
        Convention.Traceloop => "traceloop.tracer",
        Convention.GoogleAdk => "gcp.vertex.agent",
        Convention.Strands => "strands.telemetry.tracer",
        Convention.SemanticKernel => "semantic_kernel.utils.telemetry.model_diagnostics",
        Convention.Pydantic => "pydantic-ai",
        _ => "opentelemetry.instrumentation.openai_v2",
    };

    private OtlpRecord RunOf() => convention switch
    {
        Convention.OpenInference => new("desk", Json(("openinference.span.kind", "AGENT"), ("agent.name", "desk"), ("input.value", _request), ("output.value", _answer))) { Scope = Scope },
        Convention.Traceloop => new("desk.agent", Json(("traceloop.span.kind", "agent"), ("traceloop.entity.name", "desk"), ("traceloop.entity.input", new JsonObject { ["args"] = new JsonArray(), ["kwargs"] = new JsonObject { ["query"] = _request } }.ToJsonString()), ("traceloop.entity.output", _answer))) { Scope = Scope },
        Convention.GoogleAdk => new("invoke_agent desk", Json(("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "desk"))) { Scope = Scope },
        Convention.Strands => new("invoke_agent desk", Json(("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "desk"))) { Scope = Scope, Events = [("gen_ai.user.message", Json(("content", new JsonArray(new JsonObject { ["text"] = _request }).ToJsonString()))), .. _answer is null ? (IEnumerable<(string, string)>)[] : [("gen_ai.choice", Json(("message", _answer), ("finish_reason", "end_turn")))]] },
        Convention.SemanticKernel => new("invoke_agent desk", Json(("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "desk"), ("gen_ai.agent.invocation_input", new JsonArray(new JsonObject { ["role"] = "user", ["content"] = _request }).ToJsonString()), ("gen_ai.agent.invocation_output", _answer is null ? null : new JsonArray(new JsonObject { ["role"] = "assistant", ["content"] = _answer }).ToJsonString()))) { Scope = Scope },
        Convention.Pydantic => new("agent run", Json(("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "desk"), ("pydantic_ai.all_messages", new JsonArray([.. _messages.Select(Parts)]).ToJsonString()), ("final_result", _answer))) { Scope = Scope },
        _ => new("invoke_agent desk", Json(("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "desk"), ("gen_ai.input.messages", new JsonArray(Parts(new Message("user", _request, null, null))).ToJsonString()), ("gen_ai.output.messages", _answer is null ? null : new JsonArray(Parts(new Message("assistant", _answer, null, null))).ToJsonString()))) { Scope = Scope },
    };

    private OtlpRecord ToolOf(string id, string tool, string arguments, string? result) => convention switch
    {
        Convention.OpenInference => new(tool, Json(("openinference.span.kind", "TOOL"), ("tool.name", tool), ("input.value", arguments), ("output.value", result))),
        Convention.Traceloop => new($"{tool}.tool", Json(("traceloop.span.kind", "tool"), ("traceloop.entity.name", tool), ("traceloop.entity.input", $$"""{"args":[],"kwargs":{{arguments}}}"""), ("traceloop.entity.output", result))),
        Convention.GoogleAdk => new($"execute_tool {tool}", Json(("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", tool), ("gen_ai.tool.call.id", id), ("gcp.vertex.agent.tool_call_args", arguments), ("gcp.vertex.agent.llm_request", "{}"), ("gcp.vertex.agent.llm_response", "{}"), ("gcp.vertex.agent.tool_response", result))),
        Convention.Strands => new($"execute_tool {tool}", Json(("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", tool), ("gen_ai.tool.call.id", id), ("tool.status", "success")))
        {
            Events = [("gen_ai.tool.message", Json(("role", "tool"), ("content", arguments), ("id", id))), .. result is null ? (IEnumerable<(string, string)>)[] : [("gen_ai.choice", Json(("message", new JsonArray(new JsonObject { ["text"] = result }).ToJsonString()), ("id", id)))]],
        },
        Convention.Pydantic => new("running tool", Json(("gen_ai.tool.name", tool), ("gen_ai.tool.call.id", id), ("tool_arguments", arguments), ("tool_response", result))),
        _ => new($"execute_tool {tool}", Json(("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", tool), ("gen_ai.tool.call.id", id), ("gen_ai.tool.call.arguments", arguments), ("gen_ai.tool.call.result", result))),
    };

    private OtlpRecord ModelOf(string? text, (string Id, string Tool, string Arguments)[] calls, string? finish, string name)
    {
        var said = new Message("assistant", text, null, calls);
        List<(string, string?)> members = convention is Convention.OpenInference ? [("openinference.span.kind", "LLM"), ("llm.model_name", name), ("llm.finish_reason", finish)]
            : convention is Convention.Traceloop ? [("llm.request.type", "chat"), ("gen_ai.system", "openai"), ("gen_ai.request.model", name), ("gen_ai.completion.0.finish_reason", finish)]
            : convention is Convention.SemanticKernel ? [("gen_ai.operation.name", Operation), ("gen_ai.system", "openai"), ("gen_ai.request.model", name), ("gen_ai.response.finish_reason", "FinishReason." + finish?.ToUpperInvariant())]
            : convention is Convention.GoogleAdk ? [("gen_ai.system", "gcp.vertex.agent"), ("gen_ai.request.model", name)]
            : [("gen_ai.operation.name", Operation), ("gen_ai.system", "openai"), ("gen_ai.request.model", name)];
        List<(string, string)> events = [];
        switch (convention)
        {
            case Convention.OpenInference:
                members.AddRange(Flat("llm.input_messages.{0}.message.", [new Message("system", system, null, null), .. _messages], "tool_calls.{0}.tool_call.function."));
                members.AddRange(Flat("llm.output_messages.{0}.message.", [said], "tool_calls.{0}.tool_call.function."));
                break;
            case Convention.Traceloop:
                members.AddRange(Flat("gen_ai.prompt.{0}.", [new Message("system", system, null, null), .. _messages], "tool_calls.{0}."));
                members.AddRange(Flat("gen_ai.completion.{0}.", [said], "tool_calls.{0}."));
                break;
            case Convention.GoogleAdk:
                members.Add(("gcp.vertex.agent.llm_request", new JsonObject { ["model"] = name, ["config"] = new JsonObject { ["system_instruction"] = system }, ["contents"] = new JsonArray([.. _messages.Select(Google)]) }.ToJsonString()));
                members.Add(("gcp.vertex.agent.llm_response", new JsonObject { ["content"] = Google(said), ["finish_reason"] = finish?.ToUpperInvariant() == "TOOL_CALLS" ? "STOP" : finish?.ToUpperInvariant() }.ToJsonString()));
                break;
            case Convention.Strands:
                events.AddRange(_messages.Select(message => ($"gen_ai.{message.Role}.message", Json(("content", Bedrock(message).ToJsonString())))));
                events.Add(("gen_ai.choice", Json(("finish_reason", finish), ("message", Bedrock(said).ToJsonString()))));
                break;
            case Convention.SemanticKernel:
                events.AddRange(_messages.Prepend(new Message("system", system, null, null)).Select(message => ($"gen_ai.{message.Role}.message", Json(("gen_ai.event.content", OpenAi(message).ToJsonString())))));
                events.Add(("gen_ai.choice", Json(("gen_ai.event.content", new JsonObject { ["index"] = 0, ["finish_reason"] = finish, ["message"] = OpenAi(said) }.ToJsonString()))));
                break;
            default:
                members.Add(("gen_ai.system_instructions", new JsonArray(new JsonObject { ["type"] = "text", ["content"] = system }).ToJsonString()));
                members.Add(("gen_ai.input.messages", new JsonArray([.. _messages.Select(Parts)]).ToJsonString()));
                members.Add(("gen_ai.output.messages", new JsonArray(Parts(said)).ToJsonString()));
                members.Add(("gen_ai.response.finish_reasons", finish));
                break;
        }

        return new OtlpRecord($"chat {name}", Json([.. members])) { Events = events };
    }

    private static IEnumerable<(string, string?)> Flat(string prefix, IReadOnlyList<Message> messages, string call)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var (at, message) = (string.Format(CultureInfo.InvariantCulture, prefix, i), messages[i]);
            yield return (at + "role", message.Role);
            yield return (at + "content", message.Text);
            yield return (at + "tool_call_id", message.CallId);
            for (var j = 0; j < (message.Calls?.Length ?? 0); j++)
            {
                var (id, tool, arguments) = message.Calls![j];
                var within = at + string.Format(CultureInfo.InvariantCulture, call, j);
                yield return (within.Replace(".function.", ".", StringComparison.Ordinal) + "id", id);
                yield return (within + "name", tool);
                yield return (within + "arguments", arguments);
            }
        }
    }

    private static JsonNode Parts(Message message)
    {
        var parts = new JsonArray();
        if (message.CallId is not null)
        {
            parts.Add(new JsonObject { ["type"] = "tool_call_response", ["id"] = message.CallId, ["response"] = Value(message.Text) });
        }
        else if (message.Text is not null)
        {
            parts.Add(new JsonObject { ["type"] = "text", ["content"] = message.Text });
        }

        foreach (var (id, tool, arguments) in message.Calls ?? [])
        {
            parts.Add(new JsonObject { ["type"] = "tool_call", ["id"] = id, ["name"] = tool, ["arguments"] = JsonNode.Parse(arguments) });
        }

        return new JsonObject { ["role"] = message.Role, ["parts"] = parts };
    }

    private static JsonNode Google(Message message)
    {
        var parts = new JsonArray();
        if (message.CallId is not null)
        {
            parts.Add(new JsonObject { ["function_response"] = new JsonObject { ["id"] = message.CallId, ["name"] = message.Name, ["response"] = Value(message.Text) is JsonObject json ? json.DeepClone() : new JsonObject { ["result"] = message.Text } } });
        }
        else if (message.Text is not null)
        {
            parts.Add(new JsonObject { ["text"] = message.Text });
        }

        foreach (var (id, tool, arguments) in message.Calls ?? [])
        {
            parts.Add(new JsonObject { ["function_call"] = new JsonObject { ["id"] = id, ["name"] = tool, ["args"] = JsonNode.Parse(arguments) } });
        }

        return new JsonObject { ["role"] = message.Role is "assistant" ? "model" : "user", ["parts"] = parts };
    }

    private static JsonArray Bedrock(Message message)
    {
        var blocks = new JsonArray();
        if (message.CallId is not null)
        {
            blocks.Add(new JsonObject { ["toolResult"] = new JsonObject { ["toolUseId"] = message.CallId, ["status"] = "success", ["content"] = new JsonArray(new JsonObject { ["text"] = message.Text }) } });
        }
        else if (message.Text is not null)
        {
            blocks.Add(new JsonObject { ["text"] = message.Text });
        }

        foreach (var (id, tool, arguments) in message.Calls ?? [])
        {
            blocks.Add(new JsonObject { ["toolUse"] = new JsonObject { ["toolUseId"] = id, ["name"] = tool, ["input"] = JsonNode.Parse(arguments) } });
        }

        return blocks;
    }

    private static JsonObject OpenAi(Message message)
    {
        var json = new JsonObject { ["role"] = message.Role, ["content"] = message.Text ?? "" };
        if (message.CallId is not null)
        {
            json["id"] = message.CallId;
        }

        if (message.Calls is { Length: > 0 } calls)
        {
            json["tool_calls"] = new JsonArray([.. calls.Select(static call => new JsonObject { ["id"] = call.Id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = call.Tool, ["arguments"] = call.Arguments } })]);
        }

        return json;
    }

    private static JsonNode? Value(string? text) => text?.TrimStart() is ['{' or '[', ..] ? JsonNode.Parse(text) : text;

    private static string Json(params (string Name, string? Value)[] members)
    {
        var json = new JsonObject();
        foreach (var (name, value) in members.Where(static member => member.Value is not null))
        {
            json[name] = value;
        }

        return json.ToJsonString(new JsonSerializerOptions());
    }

    private sealed record Message(string Role, string? Text, string? CallId, (string Id, string Tool, string Arguments)[]? Calls)
    {
        public string? Name { get; init; }
    }
}
