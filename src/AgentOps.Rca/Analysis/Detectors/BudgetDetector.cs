using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Runs that used more tokens, money or steps than they were given, as their own attributes say; blamed on the tool below that used the
/// most of it.
/// </summary>
internal sealed class BudgetDetector : ISpansDetector
{
    // What a span says of the calls below it, too, counts once; a tool that calls a tool makes two calls.
    private static readonly (string Unit, Func<SpanLimits, SpanAmount?> Limit, Func<SpanNode, double> Use, bool IsSummed, Func<SpanNode, string> Pointer)[] Budgets =
    [
        ("tokens", limits => limits.Tokens, node => node.Limits?.TokensUsed?.Value ?? 0, true, node => Attribute(node.Limits?.TokensUsed)),
        ("US dollars", limits => limits.CostUsd, node => node.Limits?.CostUsed?.Value ?? 0, true, node => Attribute(node.Limits?.CostUsed)),
        ("model calls", limits => limits.Steps, node => SpanFlow.IsModelCall(node) ? 1 : 0, true, _ => "/tool"),
        ("tool calls", limits => limits.ToolCalls, node => node.Tool.StartsWith(ToolNames.ToolCallPrefix, StringComparison.Ordinal) ? 1 : 0, false, _ => "/tool"),
    ];

    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        foreach (var (unit, limitOf, saidOf, isSummed, pointerOf) in Budgets)
        {
            var limited = context.Spans.Nodes.Where(node => node.Allowed is { } limits && limitOf(limits) is { Value: > 0 }).ToHashSet();
            if (limited.Count == 0)
            {
                continue;
            }

            var own = isSummed ? OwnUse.Of(context.Spans.Nodes, node => saidOf(node) > 0) : null;
            var useOf = own is null ? saidOf : node => own[node.Index] ? saidOf(node) : 0;
            var totals = Totals(context, useOf);
            foreach (var node in limited.OrderBy(node => node.Index))
            {
                var limit = limitOf(node.Limits!)!.Value;
                if (totals[node.Index] > limit.Value && !node.Children.Any(limited.Contains))
                {
                    findings.Add(Describe(node, unit, limit, totals[node.Index], Heaviest(node, useOf), useOf, pointerOf));
                }
            }
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private static double[] Totals(DetectionContext context, Func<SpanNode, double> useOf)
    {
        var totals = new double[context.Spans.Nodes.Count];
        var order = context.Flow.TopDown;
        for (var i = order.Count - 1; i >= 0; i--)
        {
            var node = order[i];
            totals[node.Index] += useOf(node);
            if (node.Parent is { } parent)
            {
                totals[parent.Index] += totals[node.Index];
            }
        }

        return totals;
    }

    // The calls below a run, tool by tool; those of the tool that used most.
    private static List<SpanNode> Heaviest(SpanNode run, Func<SpanNode, double> useOf)
    {
        var open = new Stack<SpanNode>([run]);
        List<SpanNode> users = [];
        while (open.TryPop(out var node))
        {
            if (useOf(node) > 0)
            {
                users.Add(node);
            }

            foreach (var child in node.Children)
            {
                open.Push(child);
            }
        }

        return [.. users.GroupBy(node => node.Tool, StringComparer.Ordinal)
            .OrderByDescending(tool => tool.Sum(useOf)).ThenBy(tool => tool.Key, StringComparer.Ordinal).First().OrderBy(node => node.Index)];
    }

    private static Finding Describe(
        SpanNode run, string unit, SpanAmount limit, double used, List<SpanNode> users, Func<SpanNode, double> useOf, Func<SpanNode, string> pointerOf)
    {
        var first = users[0];
        var largest = users.MaxBy(useOf)!;
        return new Finding
        {
            Kind = "budget",
            Category = "budget_exceeded",
            Place = DetectionContext.PlaceOf(first),
            Tool = first.Tool,
            ErrorClass = "budget_" + unit.Replace(' ', '_').ToLowerInvariant(),
            Strength = Math.Min(1.8, 1 + (0.3 * Math.Log2(used / limit.Value))),
            AtNs = first.StartNs,
            Cause = Words.Invariant($"{Words.Name(run.Tool)} used {used:0.######} {unit} although it was given {limit.Value:0.######}; {Words.Name(first.Tool)} used {users.Sum(useOf):0.######} of them in {users.Count} calls."),
            Recommendation = $"Stop {Words.Name(run.Tool)} when its budget is used up, and shorten or limit what it does with {Words.Name(first.Tool)}.",
            Facts =
            [
                new Fact(run.SpanId, Words.Invariant($"{Words.Name(run.Tool)} was given {limit.Value:0.######} {unit}."), Attribute(limit)),
                new Fact(largest.SpanId, Words.Invariant($"{Words.Name(largest.Tool)}{Words.At(largest.StartNs)} used {useOf(largest):0.######} of them."), pointerOf(largest)),
            ],
        };
    }

    private static string Attribute(SpanAmount? amount) => "/attributes" + JsonPointers.Step(amount?.Member ?? "");
}
