using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>What the spans of a forest did, tool by tool: the same reading for a case and for what it is compared with.</summary>
internal sealed class CallProfile
{
    /// <summary>What stands before the pattern of an event that reports an error.</summary>
    public const char ErrorMark = '!';

    /// <summary>The word for a call that failed.</summary>
    public const string Failed = "!failed";

    private CallProfile(IReadOnlyDictionary<string, ToolCalls> tools, SortedDictionary<string, List<long>> links, long runMedianNs)
    {
        Tools = tools;
        Links = links;
        RunMedianNs = runMedianNs;
    }

    public IReadOnlyDictionary<string, ToolCalls> Tools { get; }

    public SortedDictionary<string, List<long>> Links { get; }

    /// <summary>The calls of a tool; none of log records, which are no calls.</summary>
    public List<SpanNode> NodesOf(string tool) => Tools.TryGetValue(tool, out var calls) ? calls.Nodes : [];

    public long RunMedianNs { get; }

    public static CallProfile Of(SpanForest spans, Func<SpanNode, bool>? leaveOut = null)
    {
        var tools = new SortedDictionary<string, ToolCalls>(StringComparer.Ordinal);
        var links = new SortedDictionary<string, List<long>>(StringComparer.Ordinal);
        var (from, to) = EventWindow(spans);
        foreach (var node in spans.Nodes)
        {
            if (node.IsLog || leaveOut?.Invoke(node) == true)
            {
                continue;
            }

            if (!tools.TryGetValue(node.Tool, out var calls))
            {
                tools.Add(node.Tool, calls = new ToolCalls(node.Tool, node.Service));
            }

            calls.Nodes.Add(node);
            calls.Observed.Add(node.StartNs >= from && node.EndNs <= to);
            if (node.NamesParent && node.Parent is null)
            {
                continue;
            }

            if (OnlyCallee(node) is { } callee)
            {
                var key = LinkKey(node.Service!, callee);
                if (!links.TryGetValue(key, out var gaps))
                {
                    links.Add(key, gaps = []);
                }

                gaps.Add(node.DurationNs - node.Children.Sum(child => child.DurationNs));
            }
            else
            {
                calls.SelfNs.Add(SelfTime.Of(node));
                calls.SelfOf.Add(node);
            }
        }

        var runs = spans.Roots.Where(root => root is { NamesParent: false, IsLog: false }).Select(root => root.DurationNs).Order().ToList();
        return new CallProfile(tools, links, runs.Count == 0 ? 0 : runs[runs.Count / 2]);
    }

    public static string LinkKey(string caller, string callee) => $"{caller}→{callee}";

    /// <summary>The tools a call called, each once, and in ordinal order.</summary>
    public static IReadOnlyList<string> CalledTools(SpanNode node) => node.Children.Count switch
    {
        0 => [],
        1 => [node.Children[0].Tool],
        _ => [.. node.Children.Select(child => child.Tool).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
    };

    /// <summary>The patterns of a call's events, and whether it failed, in ordinal order.</summary>
    public static IReadOnlyList<string> EventWords(SpanNode node)
    {
        if (node.Events.Count == 0 && node.Failure is null)
        {
            return [];
        }

        var words = node.Events.Select(pattern => pattern.IsError ? ErrorMark + pattern.Text : pattern.Text);
        return [.. (node.Failure is null ? words : words.Append(Failed)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Which pattern of a call's events followed directly on which, in ordinal order.</summary>
    public static IReadOnlyList<string> EventSteps(SpanNode node)
    {
        if (node.Events.Count < 2)
        {
            return [];
        }

        var steps = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 1; i < node.Events.Count; i++)
        {
            steps.Add(StepKey(node.Events[i - 1].Text, node.Events[i].Text));
        }

        return [.. steps];
    }

    public static string StepKey(string first, string then) => $"{first} → {then}";

    /// <summary>The tools that a call called more than once, and how often.</summary>
    public static IEnumerable<(string Tool, int Times)> Repeats(SpanNode node) => node.Children.Count < 2 ? [] :
        node.Children.GroupBy(child => child.Tool, StringComparer.Ordinal).Where(tool => tool.Skip(1).Any()).Select(tool => (tool.Key, tool.Count()));

    // Recorders cut logs at the edges of a window: a span there has lost events it had. The middle 98 % of the spans with events tell
    // where the recording covers both.
    private static (long From, long To) EventWindow(SpanForest spans)
    {
        var starts = spans.Nodes.Where(static node => node.Events.Count > 0 && !node.IsLog).Select(node => node.StartNs).ToList();
        var ends = spans.Nodes.Where(static node => node.Events.Count > 0 && !node.IsLog).Select(node => node.EndNs).Order().ToList();
        return starts.Count < 100
            ? (long.MinValue, long.MaxValue)
            : (starts[(int)(0.01 * (starts.Count - 1))], ends[(int)(0.99 * (ends.Count - 1))]);
    }

    private static string? OnlyCallee(SpanNode node)
    {
        string? callee = null;
        foreach (var child in node.Children)
        {
            if (node.Service is null || child.Service is null || child.Service == node.Service)
            {
                continue;
            }

            if (callee is not null && callee != child.Service)
            {
                return null;
            }

            callee = child.Service;
        }

        return callee;
    }
}

/// <summary>The calls of one tool.</summary>
internal sealed class ToolCalls(string tool, string? service)
{
    public string Tool { get; } = tool;

    public string? Service { get; } = service;

    /// <summary>Where a finding about this tool lies: its service, or the tool itself.</summary>
    public string Place => Service ?? Tool;

    public List<SpanNode> Nodes { get; } = [];

    /// <summary>Whether the recording of events covers the call at the same index.</summary>
    public List<bool> Observed { get; } = [];

    public List<long> SelfNs { get; } = [];

    /// <summary>Whose self time stands at the same index.</summary>
    public List<SpanNode> SelfOf { get; } = [];
}
