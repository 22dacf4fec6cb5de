using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Arguments of another form than a tool is usually given: a member that was always there is missing, has another kind, or was never
/// seen. What is usual comes from the baseline, or from the other calls of the case when they agree. Blamed on the model call before. Of the
/// steps of agents it is a hint: tools take arguments of many forms, and their schema is what proves.
/// </summary>
internal sealed class ArgumentsDetector : IDetector
{
    private const int FewestSamples = 3;
    private const int FewestForUnknown = 5;
    private const double MostDeviating = 0.25;
    private const int MostFacts = 3;
    private const double Hint = 0.3;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var tool in context.Spans.Nodes
            .Where(node => node.ArgsNumber >= 0 && !SpanFlow.IsModelCall(node) && (!context.IsOfAgents(node) || run.Find(node) is ToolStep)).GroupBy(node => node.Tool, StringComparer.Ordinal))
        {
            List<(SpanNode Node, SortedDictionary<string, string> Members)> calls = [];
            foreach (var node in tool)
            {
                if (await context.ReadArgumentsAsync(node, cancellationToken).ConfigureAwait(false) is { } arguments && ArgumentShape.MembersOf(arguments) is { } members)
                {
                    calls.Add((node, members));
                }
            }

            var usual = context.Case.Baseline.Tools.TryGetValue(tool.Key, out var baseline) && baseline.Arguments is { Samples: >= FewestSamples } known ? known : null;
            var form = usual ?? Majority(calls);
            var drifts = calls.Select(call => (call.Node, Drift: Find(call.Members, form))).Where(call => call.Drift is not null).ToList();
            if (drifts.Count > 0)
            {
                findings.Add(Describe(context, run, [.. drifts.Select(call => (call.Node, call.Drift!.Value))], calls.Count, usual is not null));
            }
        }

        return findings;
    }

    // The form that nearly all calls of the case have, or null when they do not agree.
    private static ArgumentShape? Majority(List<(SpanNode Node, SortedDictionary<string, string> Members)> calls)
    {
        var alike = calls.GroupBy(call => string.Join('\n', call.Members.Select(member => $"{member.Key} {member.Value}")), StringComparer.Ordinal)
            .MaxBy(form => form.Count())?.Select(call => call.Members).ToList();
        return alike is null || alike.Count < FewestSamples || alike.Count < (1 - MostDeviating) * calls.Count ? null : ArgumentShape.Of(alike);
    }

    private static (string Path, string Text)? Find(SortedDictionary<string, string> members, ArgumentShape? usual)
    {
        if (usual is null)
        {
            return null;
        }

        foreach (var (path, member) in usual.Members)
        {
            var parent = path[..path.LastIndexOf('/')];
            if (!members.TryGetValue(path, out var kind))
            {
                // Only where the object around it is there, and it never lacked.
                if (member.Count == usual.Samples && (parent.Length == 0 || members.ContainsKey(parent)) && !path.EndsWith("/*", StringComparison.Ordinal))
                {
                    return (parent, $"{Words.Name(path)} is missing, which was always there");
                }
            }
            else if (!member.Kinds.Contains(kind) && kind is not ("null" or "mixed") && !member.Kinds.Any(other => other is "null" or "mixed"))
            {
                return (path, $"{Words.Name(path)} is of the kind {kind}, while it was always {string.Join(" or ", member.Kinds)}");
            }
        }

        return usual.Samples < FewestForUnknown ? null : members.Keys
            .Where(path => !usual.Members.ContainsKey(path) && (path.LastIndexOf('/') == 0 || usual.Members.ContainsKey(path[..path.LastIndexOf('/')])))
            .Select(path => ((string, string)?)(path, $"{Words.Name(path)} was never given before")).FirstOrDefault();
    }

    private static Finding Describe(DetectionContext context, AgentRun run, List<(SpanNode Node, (string Path, string Text) Drift)> drifts, int calls, bool compared)
    {
        var (first, drift) = drifts.Find(call => call.Node.Failure is not null) is { Node: not null } failed ? failed : drifts[0];
        var step = run.Find(first) as ToolStep;
        var model = step is null ? context.Flow.ModelCallBefore(first) : step.Asker?.Node;
        var blame = model ?? first;
        List<Fact> facts = [.. drifts.Take(MostFacts).Select(call => new Fact(
            call.Node.SpanId, $"In the arguments of {Words.Name(call.Node.Tool)}{Words.At(call.Node.StartNs)}, {call.Drift.Text}.", Place(call.Drift.Path), call.Node.ArgsDigest))];
        if (model is not null)
        {
            facts.Add(new Fact(model.SpanId, $"{Words.Name(model.Tool)} ran{Words.At(model.StartNs)}{(step is null ? ", the last model call before it" : " and led to this call")}.", "/tool"));
        }

        return new Finding
        {
            Kind = "schema_drift",
            Category = "schema_drift",
            Place = step is null ? DetectionContext.PlaceOf(blame) : StepFindings.PlaceOf((AgentStep?)step.Asker ?? step),
            Proof = step is null ? null : Proof.Hint,
            Tool = blame.Tool,
            ErrorClass = "schema_drift",
            Strength = step is not null ? Hint : 0.9 + (first.Failure is null ? 0 : 0.9) + Math.Min(0.4, 0.2 * Math.Log2(drifts.Count)),
            AtNs = first.StartNs,
            Cause = $"{Words.Name(first.Tool)} was given arguments of another form than {(compared ? "usual" : "in its other calls")} in {drifts.Count} of {calls} calls: {drift.Text}"
                + (model is null ? "." : $"; {Words.Name(model.Tool)} led into it."),
            Recommendation = $"Validate the arguments of {Words.Name(first.Tool)} against a schema before the call, and compare the versions of its caller and of the tool.",
            Facts = facts,
        };
    }

    // A place below the items of an array stands for several; the array itself is pointed at.
    private static string Place(string path) => path.IndexOf("/*", StringComparison.Ordinal) is >= 0 and var star ? path[..star] : path;
}
