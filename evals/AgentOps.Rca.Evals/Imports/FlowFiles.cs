using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace AgentOps.Rca.Evals.Imports;

/// <summary>Writes a run in the formats of files that are read: only what each of them can carry.</summary>
internal static class FlowFiles
{
    /// <summary>The formats, and who writes them.</summary>
    public static IReadOnlyList<(string Format, Func<RecordedFlow, string> Write)> All { get; } =
    [
        ("messages", Messages), ("claude-code", ClaudeCode), ("codex", Codex), ("atif", Atif), ("langfuse", Langfuse), ("langsmith", LangSmith),
        ("openai-agents", OpenAiAgents), ("inspect", Inspect),
    ];

    private static string Messages(RecordedFlow flow)
    {
        var messages = new JsonArray();
        foreach (var step in flow.Steps)
        {
            switch (step)
            {
                case FlowStep.Given given:
                    messages.Add(new JsonObject { ["role"] = given.Role, ["content"] = given.Text });
                    break;
                case FlowStep.Said said:
                    messages.Add(OpenAi(said));
                    break;
                case FlowStep.Did { Id: { } id } did:
                    messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = did.Result ?? did.Error });
                    break;
            }
        }

        return new JsonObject { ["messages"] = messages, ["tools"] = Tools(flow) }.ToJsonString();
    }

    private static string ClaudeCode(RecordedFlow flow)
    {
        var lines = new StringBuilder();
        var number = 0;
        void Line(string type, long ns, JsonObject message) => lines.Append(new JsonObject
        {
            ["type"] = type,
            ["sessionId"] = flow.Id,
            ["uuid"] = $"u{++number}",
            ["parentUuid"] = $"u{number - 1}",
            ["isSidechain"] = false,
            ["timestamp"] = Time(ns),
            ["message"] = message,
        }.ToJsonString()).Append('\n');
        foreach (var step in flow.Steps)
        {
            switch (step)
            {
                case FlowStep.Given given:
                    Line("user", given.Ns, new JsonObject { ["role"] = "user", ["content"] = given.Text });
                    break;
                case FlowStep.Said { Error: { } error } failed:
                    lines.Append(new JsonObject
                    {
                        ["type"] = "system",
                        ["subtype"] = "api_error",
                        ["sessionId"] = flow.Id,
                        ["uuid"] = $"u{++number}",
                        ["timestamp"] = Time(failed.End),
                        ["error"] = new JsonObject { ["message"] = error },
                    }.ToJsonString()).Append('\n');
                    break;
                case FlowStep.Said said:
                    var content = new JsonArray();
                    if (said.Text.Length > 0)
                    {
                        content.Add(new JsonObject { ["type"] = "text", ["text"] = said.Text });
                    }

                    foreach (var call in said.Calls)
                    {
                        content.Add(new JsonObject { ["type"] = "tool_use", ["id"] = call.Id, ["name"] = call.Name, ["input"] = Parsed(call.Arguments) });
                    }

                    Line("assistant", said.End, new JsonObject
                    {
                        ["id"] = $"m{number}",
                        ["role"] = "assistant",
                        ["model"] = said.Model,
                        ["content"] = content,
                        ["stop_reason"] = said.Finish,
                        ["usage"] = new JsonObject { ["input_tokens"] = said.InputTokens, ["output_tokens"] = said.OutputTokens },
                    });
                    break;
                case FlowStep.Did { Id: { } id } did:
                    var result = new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = id, ["content"] = did.Result ?? did.Error, ["is_error"] = did.Error is not null };
                    Line("user", did.End, new JsonObject { ["role"] = "user", ["content"] = new JsonArray(result) });
                    break;
            }
        }

        return lines.ToString();
    }

    private static string Codex(RecordedFlow flow)
    {
        var lines = new StringBuilder();
        void Line(long ns, string type, JsonObject payload) =>
            lines.Append(new JsonObject { ["timestamp"] = Time(ns), ["type"] = type, ["payload"] = payload }.ToJsonString()).Append('\n');
        Line(Start(flow), "session_meta", new JsonObject { ["id"] = flow.Id });
        var total = 0L;
        foreach (var step in flow.Steps)
        {
            switch (step)
            {
                case FlowStep.Given given:
                    Line(given.Ns, "response_item", Message(given.Role, "input_text", given.Text));
                    break;
                case FlowStep.Said { Error: { } error } failed:
                    Line(failed.Start, "turn_context", new JsonObject { ["model"] = failed.Model });
                    Line(failed.End, "event_msg", new JsonObject { ["type"] = "stream_error", ["message"] = error });
                    break;
                case FlowStep.Said said:
                    Line(said.Start, "turn_context", new JsonObject { ["model"] = said.Model });
                    if (said.Text.Length > 0 || said.Calls.Length == 0)
                    {
                        Line(said.End, "response_item", Message("assistant", "output_text", said.Text));
                    }

                    foreach (var call in said.Calls)
                    {
                        Line(said.End, "response_item", new JsonObject { ["type"] = "function_call", ["name"] = call.Name, ["arguments"] = call.Arguments, ["call_id"] = call.Id });
                    }

                    total += (said.InputTokens ?? 0) + (said.OutputTokens ?? 0);
                    Line(said.End, "event_msg", new JsonObject
                    {
                        ["type"] = "token_count",
                        ["info"] = new JsonObject
                        {
                            ["total_token_usage"] = new JsonObject { ["total_tokens"] = total },
                            ["last_token_usage"] = new JsonObject { ["input_tokens"] = said.InputTokens, ["output_tokens"] = said.OutputTokens },
                        },
                    });
                    break;
                case FlowStep.Did { Id: { } id } did:
                    Line(did.End, "response_item", new JsonObject
                    {
                        ["type"] = "function_call_output",
                        ["call_id"] = id,
                        ["output"] = did.Error is null ? did.Result : new JsonObject { ["content"] = did.Result ?? did.Error, ["success"] = false },
                    });
                    break;
            }
        }

        return lines.ToString();

        static JsonObject Message(string role, string type, string text) =>
            new() { ["type"] = "message", ["role"] = role, ["content"] = new JsonArray(new JsonObject { ["type"] = type, ["text"] = text }) };
    }

    private static string Atif(RecordedFlow flow)
    {
        var steps = new JsonArray();
        JsonObject? last = null;
        foreach (var step in flow.Steps)
        {
            switch (step)
            {
                case FlowStep.Given given:
                    steps.Add(new JsonObject { ["step_id"] = steps.Count + 1, ["timestamp"] = Time(given.Ns), ["source"] = given.Role, ["message"] = given.Text });
                    break;
                case FlowStep.Said said:
                    last = new JsonObject
                    {
                        ["step_id"] = steps.Count + 1,
                        ["timestamp"] = Time(said.End),
                        ["source"] = "agent",
                        ["model_name"] = said.Model,
                        ["message"] = said.Text,
                        ["tool_calls"] = new JsonArray([.. said.Calls.Select(call => new JsonObject { ["tool_call_id"] = call.Id, ["function_name"] = call.Name, ["arguments"] = Parsed(call.Arguments) })]),
                        ["observation"] = new JsonObject { ["results"] = new JsonArray() },
                        ["metrics"] = new JsonObject { ["prompt_tokens"] = said.InputTokens, ["completion_tokens"] = said.OutputTokens },
                    };
                    steps.Add(last);
                    break;
                case FlowStep.Did { Id: { } id } did when last is not null && HasCall(last, id):
                    last["observation"]!["results"]!.AsArray().Add(new JsonObject { ["source_call_id"] = id, ["content"] = did.Result ?? did.Error });
                    break;
            }
        }

        return new JsonObject { ["schema_version"] = "ATIF-v1.6", ["session_id"] = flow.Id, ["agent"] = new JsonObject { ["name"] = "agent", ["version"] = "1", ["tool_definitions"] = Tools(flow) }, ["steps"] = steps }.ToJsonString();
    }

    private static bool HasCall(JsonObject step, string id) => step["tool_calls"]!.AsArray().Any(call => (string?)call!["tool_call_id"] == id);

    private static string Langfuse(RecordedFlow flow)
    {
        var observations = new JsonArray { Observation("run", null, "AGENT", "agent", Start(flow), End(flow)) };
        JsonObject Observation(string id, string? parent, string type, string name, long start, long end) => new()
        {
            ["id"] = id,
            ["traceId"] = flow.Id,
            ["parentObservationId"] = parent,
            ["type"] = type,
            ["name"] = name,
            ["startTime"] = Time(start),
            ["endTime"] = Time(end),
        };
        observations[0]!["level"] = flow.Error is null ? "DEFAULT" : "ERROR";
        observations[0]!["statusMessage"] = flow.Error;
        foreach (var (step, given) in WithGiven(flow))
        {
            var said = step as FlowStep.Said;
            var did = step as FlowStep.Did;
            var one = said is not null ? Observation($"o{observations.Count}", "run", "GENERATION", "chat", said.Start, said.End) : Observation($"o{observations.Count}", "run", "TOOL", did!.Tool, did.Start, did.End);
            one["model"] = said?.Model;
            one["input"] = said is not null ? new JsonObject { ["messages"] = given, ["tools"] = Tools(flow) } : Parsed(did!.Arguments);
            one["output"] = said is not null ? said.Error is null ? Choices(said) : null : Parsed(did!.Result);
            one["usageDetails"] = said is null ? null : new JsonObject { ["input"] = said.InputTokens, ["output"] = said.OutputTokens };
            one["level"] = (said?.Error ?? did?.Error) is null ? "DEFAULT" : "ERROR";
            one["statusMessage"] = said?.Error ?? did?.Error;
            observations.Add(one);
        }

        return new JsonObject { ["trace"] = new JsonObject { ["id"] = flow.Id }, ["observations"] = observations }.ToJsonString();
    }

    private static string LangSmith(RecordedFlow flow)
    {
        var runs = new List<JsonObject> { Run("run", null, "chain", "agent", Start(flow), End(flow)) };
        JsonObject Run(string id, string? parent, string type, string name, long start, long end) => new()
        {
            ["id"] = $"{flow.Id}-{id}",
            ["trace_id"] = flow.Id,
            ["parent_run_id"] = parent is null ? null : $"{flow.Id}-{parent}",
            ["run_type"] = type,
            ["name"] = name,
            ["start_time"] = Time(start),
            ["end_time"] = Time(end),
        };
        runs[0]["error"] = flow.Error;
        foreach (var (step, given) in WithGiven(flow))
        {
            var said = step as FlowStep.Said;
            var did = step as FlowStep.Did;
            var one = said is not null ? Run($"r{runs.Count}", "run", "llm", said.Model, said.Start, said.End) : Run($"r{runs.Count}", "run", "tool", did!.Tool, did.Start, did.End);
            one["inputs"] = said is not null ? new JsonObject { ["messages"] = given } : Parsed(did!.Arguments);
            one["outputs"] = said is not null ? said.Error is null ? Choices(said) : null
                : did!.Result is null ? null : new JsonObject { ["output"] = Parsed(did.Result) };
            one["extra"] = said is null ? null : new JsonObject { ["metadata"] = new JsonObject { ["ls_model_name"] = said.Model }, ["invocation_params"] = new JsonObject { ["tools"] = Tools(flow) } };
            one["prompt_tokens"] = said?.InputTokens;
            one["completion_tokens"] = said?.OutputTokens;
            one["error"] = said?.Error ?? did?.Error;
            runs.Add(one);
        }

        return string.Join('\n', runs.Select(run => run.ToJsonString()));
    }

    private static string OpenAiAgents(RecordedFlow flow)
    {
        var lines = new List<JsonObject>
        {
            new() { ["object"] = "trace", ["id"] = flow.Id, ["workflow_name"] = "workflow" },
            new()
            {
                ["object"] = "trace.span",
                ["id"] = "agent",
                ["trace_id"] = flow.Id,
                ["started_at"] = Time(Start(flow)),
                ["ended_at"] = Time(End(flow)),
                ["span_data"] = new JsonObject { ["type"] = "agent", ["name"] = "agent" },
                ["error"] = flow.Error is null ? null : new JsonObject { ["message"] = flow.Error },
            },
        };
        foreach (var (step, given) in WithGiven(flow))
        {
            var said = step as FlowStep.Said;
            var did = step as FlowStep.Did;
            lines.Add(new JsonObject
            {
                ["object"] = "trace.span",
                ["id"] = $"s{lines.Count}",
                ["trace_id"] = flow.Id,
                ["parent_id"] = "agent",
                ["started_at"] = Time(said?.Start ?? did!.Start),
                ["ended_at"] = Time(said?.End ?? did!.End),
                ["span_data"] = said is not null
                    ? new JsonObject
                    {
                        ["type"] = "response",
                        ["input"] = given,
                        ["response"] = new JsonObject
                        {
                            ["model"] = said.Model,
                            ["output"] = said.Error is null ? new JsonArray(OpenAi(said)) : null,
                            ["tools"] = Tools(flow),
                            ["usage"] = new JsonObject { ["input_tokens"] = said.InputTokens, ["output_tokens"] = said.OutputTokens },
                        },
                    }
                    : new JsonObject { ["type"] = "function", ["name"] = did!.Tool, ["input"] = did.Arguments, ["output"] = did.Result },
                ["error"] = (said?.Error ?? did?.Error) is { } error ? new JsonObject { ["message"] = error } : null,
            });
        }

        return string.Join('\n', lines.Select(line => line.ToJsonString()));
    }

    private static string Inspect(RecordedFlow flow)
    {
        var events = new JsonArray();
        foreach (var (step, given) in WithGiven(flow))
        {
            var said = step as FlowStep.Said;
            var did = step as FlowStep.Did;
            events.Add(said is not null
                ? new JsonObject
                {
                    ["event"] = "model",
                    ["timestamp"] = Time(said.Start),
                    ["completed"] = Time(said.End),
                    ["model"] = said.Model,
                    ["input"] = given,
                    ["tools"] = new JsonArray([.. Tools(flow).Select(tool => tool!["function"]!.DeepClone())]),
                    ["error"] = said.Error,
                    ["output"] = said.Error is not null ? new JsonObject() : new JsonObject
                    {
                        ["choices"] = new JsonArray(new JsonObject { ["message"] = OpenAi(said), ["stop_reason"] = said.Finish }),
                        ["usage"] = new JsonObject { ["input_tokens"] = said.InputTokens, ["output_tokens"] = said.OutputTokens },
                    },
                }
                : new JsonObject
                {
                    ["event"] = "tool",
                    ["timestamp"] = Time(did!.Start),
                    ["completed"] = Time(did.End),
                    ["id"] = did.Id,
                    ["function"] = did.Tool,
                    ["arguments"] = Parsed(did.Arguments),
                    ["result"] = did.Result,
                    ["error"] = did.Error is null ? null : new JsonObject { ["type"] = "unknown", ["message"] = did.Error },
                });
        }

        var sample = new JsonObject { ["id"] = 1, ["epoch"] = 1, ["uuid"] = flow.Id, ["input"] = flow.Steps.OfType<FlowStep.Given>().FirstOrDefault(given => given.Role == "user")?.Text ?? "", ["target"] = "", ["events"] = events };
        sample["error"] = flow.Error is null ? null : new JsonObject { ["message"] = flow.Error };
        return new JsonObject { ["version"] = 2, ["status"] = "success", ["eval"] = new JsonObject { ["eval_id"] = "e", ["task"] = "agent" }, ["plan"] = new JsonObject(), ["samples"] = new JsonArray(sample) }.ToJsonString();
    }

    // What each model call was given that the one before was not: words, and the results of its tools.
    private static IEnumerable<(FlowStep Step, JsonArray Given)> WithGiven(RecordedFlow flow)
    {
        var given = new JsonArray();
        foreach (var step in flow.Steps)
        {
            switch (step)
            {
                case FlowStep.Given message:
                    given.Add(new JsonObject { ["role"] = message.Role, ["content"] = message.Text });
                    break;
                case FlowStep.Said:
                    yield return (step, given);
                    given = [];
                    break;
                case FlowStep.Did did:
                    yield return (step, []);
                    if (did.Id is { } id)
                    {
                        given.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = did.Result ?? did.Error });
                    }

                    break;
            }
        }
    }

    private static JsonObject OpenAi(FlowStep.Said said)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = said.Text };
        if (said.Calls.Length > 0)
        {
            message["tool_calls"] = new JsonArray([.. said.Calls.Select(call => new JsonObject
            {
                ["id"] = call.Id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
            })]);
        }

        return message;
    }

    private static JsonObject Choices(FlowStep.Said said) =>
        new() { ["choices"] = new JsonArray(new JsonObject { ["message"] = OpenAi(said), ["finish_reason"] = said.Finish }) };

    private static JsonArray Tools(RecordedFlow flow) => [.. flow.Tools.Select(tool => JsonNode.Parse(tool))];

    private static JsonNode? Parsed(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static long Start(RecordedFlow flow) => flow.Steps.Select(step => step is FlowStep.Given given ? given.Ns : step is FlowStep.Said said ? said.Start : ((FlowStep.Did)step).Start).DefaultIfEmpty().Min();

    private static long End(RecordedFlow flow) => flow.Steps.Select(step => step is FlowStep.Given given ? given.Ns : step is FlowStep.Said said ? said.End : ((FlowStep.Did)step).End).DefaultIfEmpty().Max();

    private static string Time(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
