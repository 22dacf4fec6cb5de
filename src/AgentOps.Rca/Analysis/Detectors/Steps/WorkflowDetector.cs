using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Workflows of executors and edges (Microsoft Agent Framework): a message that no executor took, so that its only target never ran, and an
/// executor that sent nothing although another one waits for it.
/// </summary>
internal sealed class WorkflowDetector : IDetector
{
    private const double Strength = 2.7;
    private const int MostSpans = 5_000;
    private const int SpansAtOnce = 500;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if ((await context.ReadRunAsync(cancellationToken).ConfigureAwait(false)).IsEmpty)
        {
            return [];
        }

        // Agents without a workflow are spared the reading of their spans.
        if (!context.Spans.Nodes.Any(static node => !node.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal) && IsPart(node)))
        {
            return [];
        }

        List<Part> parts = [];
        foreach (var nodes in context.Spans.Nodes.Where(IsPart).Take(MostSpans).Chunk(SpansAtOnce))
        {
            await context.Case.FetchSpans(Array.ConvertAll(nodes, static node => node.SpanId), cancellationToken).ConfigureAwait(false);
            foreach (var node in nodes)
            {
                if (await context.Case.ReadSpan(node.SpanId, cancellationToken).ConfigureAwait(false) is { } span)
                {
                    parts.Add(new Part(node, span.Attributes));
                }
            }
        }

        var executors = parts.Where(part => part.Executor is not null).ToList();
        return executors.Count == 0 ? [] : [.. Dropped(parts, executors), .. Silent(parts, executors)];
    }

    private static bool IsPart(SpanNode node) => node.Tool.Contains("edge_group.process", StringComparison.Ordinal) || node.Tool.Contains("message.send", StringComparison.Ordinal)
        || node.Tool.Contains("workflow.build", StringComparison.Ordinal) || node.Tool.Contains("executor.process", StringComparison.Ordinal)
        || node.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal);

    private static IEnumerable<Finding> Dropped(List<Part> parts, List<Part> executors)
    {
        // A message to a target that ran all the same was one of several; only what left a target without any counts.
        foreach (var group in parts.Where(part => part.Delivered == false && part.Target is not null).GroupBy(part => part.Target!, StringComparer.Ordinal))
        {
            if (executors.Exists(executor => executor.Executor == group.Key))
            {
                continue;
            }

            var drops = group.ToList();
            var (first, source) = (drops[0], drops[0].Source ?? "an executor");
            var why = drops.Select(drop => drop.Delivery).FirstOrDefault(text => text is not null) ?? "not delivered";
            yield return new Finding
            {
                Kind = "message_dropped",
                Category = "message_dropped",
                Place = "step:" + first.Node.SpanId,
                Tool = first.Node.Tool,
                ErrorClass = "message_dropped",
                Proof = Proof.Certain,
                Strength = Strength,
                AtNs = first.Node.StartNs,
                Cause = $"{Words.Count(drops.Count, "message")} from {Name(source)} to {Name(group.Key)} {(drops.Count == 1 ? "was" : "were")} dropped and not delivered ({StepFindings.Quote(why, 60)}), so {Name(group.Key)} never ran.",
                Recommendation = $"Have {Name(source)} send the type that {Name(group.Key)} takes, or put a converter between them; let the workflow fail when a message is dropped.",
                Facts =
                [
                    .. drops.Take(3).Select(drop => new Fact(drop.Node.SpanId, $"A message to {Name(group.Key)} was not delivered: {StepFindings.Quote(why, 60)}.", drop.Pointer("edge_group.delivery_status") ?? drop.Pointer("edge_group.delivered"))),
                ],
                Explains = drops.Select(drop => drop.Node.SpanId).Skip(1).ToHashSet(StringComparer.Ordinal),
            };
        }
    }

    private static IEnumerable<Finding> Silent(List<Part> parts, List<Part> executors)
    {
        var edges = parts.SelectMany(part => part.Edges()).ToList();
        foreach (var group in executors.GroupBy(executor => executor.Executor!, StringComparer.Ordinal))
        {
            var waiting = edges.Where(edge => edge.From == group.Key && !executors.Exists(executor => executor.Executor == edge.To)).Select(edge => edge.To).Distinct().ToList();
            if (waiting.Count == 0 || group.Any(executor => Sends(parts, executor)) || edges.Exists(edge => edge.From == group.Key && !waiting.Contains(edge.To)))
            {
                continue;
            }

            var last = group.Last();
            var name = Name(group.Key);
            var next = string.Join(" and ", waiting.Take(3).Select(Name));
            yield return new Finding
            {
                Kind = "silent_executor",
                Category = "lost_step",
                Place = "step:" + last.Node.SpanId,
                Tool = last.Node.Tool,
                ErrorClass = "silent_executor",
                Proof = Proof.Causal,
                Strength = Strength - 0.2,
                AtNs = last.Node.StartNs,
                Cause = $"The executor {name} ended{Words.At(last.Node.EndNs)} without sending a message, so {next}, which waits for it, never ran"
                    + (last.Node.Failure is { } failure ? $"; it failed {ErrorClasses.Describe(failure, ErrorClasses.CategoryOf(failure))}." : "; no error of it is recorded, and the workflow went on as if it had ended well."),
                Recommendation = $"Look at what {name} does with such a message: an exception in it may be swallowed by the workflow. Have the workflow report executors that fail.",
                Facts =
                [
                    new Fact(last.Node.SpanId, $"{name} ran{(Words.IsUnknown(last.Node.EndNs) ? "" : $" until {Words.Clock(last.Node.EndNs)}")}, and no message was sent below it.", last.Pointer("executor.id")),
                    .. parts.Where(part => part.Definition is not null).Take(1).Select(part => new Fact(part.Node.SpanId, $"The workflow's definition has an edge from {name} to {next}.", part.Pointer("workflow.definition"))),
                ],
            };
        }
    }

    private static bool Sends(List<Part> parts, Part executor) => parts.Exists(part =>
        part.Node.Tool.Contains("message.send", StringComparison.Ordinal) && (part.Node.Parent == executor.Node || part.Source == executor.Executor));

    // An agent's executor carries the agent's id behind its name.
    private static string Name(string executor)
    {
        var cut = executor.LastIndexOf('_');
        return Words.Name(cut > 0 && executor.Length - cut == 33 ? executor[..cut] : executor);
    }

    private sealed class Part(SpanNode node, JsonElement attributes)
    {
        public SpanNode Node => node;

        public string? Executor => Text("executor.id");

        public string? Source => Text("message.source_id");

        public string? Target => Text("message.target_id");

        public string? Delivery => Text("edge_group.delivery_status");

        public bool? Delivered => attributes.ValueKind == JsonValueKind.Object && attributes.TryGetProperty("edge_group.delivered", out var value)
            ? value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.String && value.ValueEquals("true")) : null;

        public string? Definition => Text("workflow.definition");

        public string? Pointer(string name) => attributes.ValueKind == JsonValueKind.Object && attributes.TryGetProperty(name, out _) ? "/attributes" + JsonPointers.Step(name) : "/tool";

        // {"edges":{"from":[{"connection":{"sinkIds":["to"]}}]}}: whatever stands below an executor's name that names an executor is where its messages go.
        public IEnumerable<(string From, string To)> Edges()
        {
            if (Definition is not { } text || !Envelope.TryParse(text, out var definition) || definition.ValueKind != JsonValueKind.Object
                || !definition.TryGetProperty("edges", out var edges) || edges.ValueKind != JsonValueKind.Object
                || !definition.TryGetProperty("executors", out var executors) || executors.ValueKind != JsonValueKind.Object)
            {
                yield break;
            }

            var names = executors.EnumerateObject().Select(member => member.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var from in edges.EnumerateObject())
            {
                foreach (var to in Texts(from.Value, 0).Where(to => names.Contains(to) && to != from.Name).Distinct())
                {
                    yield return (from.Name, to);
                }
            }
        }

        private static IEnumerable<string> Texts(JsonElement value, int depth) => depth > 8 ? [] : value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Texts(item, depth + 1)),
            JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Texts(member.Value, depth + 1)),
            _ => [],
        };

        private string? Text(string name) =>
            attributes.ValueKind == JsonValueKind.Object && attributes.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
