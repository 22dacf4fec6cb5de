using System.Text;
using System.Text.Json.Nodes;
using static AgentOps.Rca.Evals.Imports.FlowFiles;

namespace AgentOps.Rca.Evals.Imports;

/// <summary>Formats that tell a conversation, message after message.</summary>
internal static class SessionFiles
{
    public static string Messages(RecordedFlow flow)
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

    public static string ClaudeCode(RecordedFlow flow)
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

    public static string Codex(RecordedFlow flow)
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

    public static string Atif(RecordedFlow flow)
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
}
