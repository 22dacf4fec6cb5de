using System.Globalization;
using System.Text.Json.Nodes;

namespace AgentOps.Rca.Evals.Imports;

/// <summary>Writes a run in the formats of files that are read: only what each of them can carry.</summary>
internal static class FlowFiles
{
    /// <summary>The formats, and who writes them.</summary>
    public static IReadOnlyList<(string Format, Func<RecordedFlow, string> Write)> All { get; } =
    [
        ("messages", SessionFiles.Messages), ("claude-code", SessionFiles.ClaudeCode), ("codex", SessionFiles.Codex), ("atif", SessionFiles.Atif), ("langfuse", TreeFiles.Langfuse), ("langsmith", TreeFiles.LangSmith),
        ("openai-agents", TreeFiles.OpenAiAgents), ("inspect", TreeFiles.Inspect),
    ];

    // What each model call was given that the one before was not: words, and the results of its tools.
    internal static IEnumerable<(FlowStep Step, JsonArray Given)> WithGiven(RecordedFlow flow)
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

    internal static JsonObject OpenAi(FlowStep.Said said)
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

    internal static JsonObject Choices(FlowStep.Said said) =>
        new() { ["choices"] = new JsonArray(new JsonObject { ["message"] = OpenAi(said), ["finish_reason"] = said.Finish }) };

    internal static JsonArray Tools(RecordedFlow flow) => [.. flow.Tools.Select(tool => JsonNode.Parse(tool))];

    internal static JsonNode? Parsed(string? text)
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

    internal static long Start(RecordedFlow flow) => flow.Steps.Select(step => step is FlowStep.Given given ? given.Ns : step is FlowStep.Said said ? said.Start : ((FlowStep.Did)step).Start).DefaultIfEmpty().Min();

    internal static long End(RecordedFlow flow) => flow.Steps.Select(step => step is FlowStep.Given given ? given.Ns : step is FlowStep.Said said ? said.End : ((FlowStep.Did)step).End).DefaultIfEmpty().Max();

    internal static string Time(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
