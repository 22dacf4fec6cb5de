using System.Text.Json.Nodes;
using static AgentOps.Rca.Evals.Imports.FlowFiles;

namespace AgentOps.Rca.Evals.Imports;

/// <summary>Formats that tell a tree of steps.</summary>
internal static class TreeFiles
{
    public static string Langfuse(RecordedFlow flow)
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

    public static string LangSmith(RecordedFlow flow)
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

    public static string OpenAiAgents(RecordedFlow flow)
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

    public static string Inspect(RecordedFlow flow)
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
}
