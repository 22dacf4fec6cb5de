using System.Text.Json;
using System.Text.Json.Nodes;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Imports;

/// <summary>A run as its model calls and tool calls, without what its framework put around them: what any format can tell.</summary>
/// <param name="Id">The run.</param>
/// <param name="Steps">The steps, in their order.</param>
internal sealed record RecordedFlow(string Id, IReadOnlyList<FlowStep> Steps)
{
    /// <summary>The tools that the models could call, in the form of OpenAI.</summary>
    public IReadOnlyList<string> Tools { get; private init; } = [];

    /// <summary>Why the outermost run failed, or null.</summary>
    public string? Error { get; private init; }

    public static async Task<RecordedFlow> ReadAsync(string id, IReadOnlyList<Span> spans, ArtifactVault vault)
    {
        var byId = spans.ToDictionary(span => span.SpanId, StringComparer.Ordinal);
        var incident = new Incident { Id = Guid.NewGuid(), OrderId = "", ProblemType = "", Status = IncidentStatus.Open, CreatedTs = default, Details = Json.JsonRules.EmptyObject };
        var rcaCase = new RcaCase
        {
            Incident = incident,
            Spans = SpanForest.Build(spans),
            AnalyzedAt = default,
            MissingArtifacts = new HashSet<ArtifactDigest>(),
            ReadSpan = (span, _) => ValueTask.FromResult(byId.GetValueOrDefault(span)),
            ReadArtifact = async (digest, most, token) => await vault.ReadAllVerifiedAsync(digest, most, token) is { IsIntact: true } read ? read.Content : null,
            FindArtifact = vault.GetAsync,
        };
        var run = await new AgentRunReader(rcaCase, new CaseContents(rcaCase)).ReadAsync(CancellationToken.None);
        List<FlowStep> steps = [];
        HashSet<string> asked = new(StringComparer.Ordinal);
        foreach (var step in run.Steps)
        {
            var attributes = byId[step.Node.SpanId].Attributes;
            if (step is ModelStep model)
            {
                foreach (var message in model.Input.Where(message => message.Texts.Count > 0 && message.Role is "system" or "user"))
                {
                    steps.Add(new FlowStep.Given(message.Role, string.Join('\n', message.Texts.Select(text => text.Text)), step.Node.StartNs));
                }

                FlowCall[] calls = [.. model.Output.SelectMany(message => message.Calls).Select((call, index) => new FlowCall(call.Id ?? $"{step.Node.SpanId}/{index}", call.Name, call.Arguments?.Text ?? "{}"))];
                asked.UnionWith(calls.Select(call => call.Id));
                steps.Add(new FlowStep.Said(
                    step.Node.Tool[ToolNames.ModelCallPrefix.Length..], string.Join('\n', model.Said.Select(text => text.Text)), calls, step.Node.StartNs, step.Node.EndNs,
                    Count(attributes, "gen_ai.usage.input_tokens"), Count(attributes, "gen_ai.usage.output_tokens"), model.Finish?.Text, SpanFailure.Read(attributes)?.Message));
            }
            else if (step is ToolStep { IsRecorded: true } tool)
            {
                var call = tool.Call is { } known ? known.Id ?? steps.OfType<FlowStep.Said>().SelectMany(said => said.Calls).FirstOrDefault(one => one.Name == known.Name)?.Id : null;
                steps.Add(new FlowStep.Did(
                    call is not null && asked.Remove(call) ? call : null, tool.Tool, tool.Arguments?.Text ?? "{}", tool.Result?.Text, step.Node.StartNs, step.Node.EndNs, SpanFailure.Read(attributes)?.Message));
            }
        }

        var tools = run.Steps.OfType<ModelStep>().SelectMany(step => step.Offered.Values).DistinctBy(tool => tool.Name).Select(ToolOf);
        var outermost = run.Steps.OfType<RunStep>().Where(step => step.Run is null).Select(step => SpanFailure.Read(byId[step.Node.SpanId].Attributes)).FirstOrDefault(failure => failure is not null);
        return new RecordedFlow(id, steps) { Tools = [.. tools], Error = outermost is null ? null : outermost.Message ?? outermost.Type ?? "failed" };
    }

    private static string ToolOf(OfferedTool tool)
    {
        var function = new JsonObject { ["name"] = tool.Name, ["description"] = tool.Description };
        if (tool.Schema.ValueKind == JsonValueKind.Object)
        {
            function["parameters"] = JsonNode.Parse(tool.Schema.GetRawText());
        }

        return new JsonObject { ["type"] = "function", ["function"] = function }.ToJsonString();
    }

    private static long? Count(JsonElement attributes, string name) =>
        attributes.TryGetProperty(name, out var count) && count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out var number) ? number : null;
}

/// <summary>One step of a run.</summary>
internal abstract record FlowStep
{
    private FlowStep()
    {
    }

    /// <summary>A message that the model was given.</summary>
    public sealed record Given(string Role, string Text, long Ns) : FlowStep;

    /// <summary>A call of the model.</summary>
    public sealed record Said(
        string Model, string Text, FlowCall[] Calls, long Start, long End, long? InputTokens, long? OutputTokens, string? Finish, string? Error) : FlowStep;

    /// <summary>A call of a tool; without an id no model asked for it.</summary>
    public sealed record Did(string? Id, string Tool, string Arguments, string? Result, long Start, long End, string? Error) : FlowStep;
}

/// <summary>A tool call that a model asked for.</summary>
internal sealed record FlowCall(string Id, string Name, string Arguments);
