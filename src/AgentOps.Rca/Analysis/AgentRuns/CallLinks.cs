using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Links tool calls with the model calls that asked for them: by the call's id, else by the span above it, else by order. What was asked for
/// and is recorded by no span becomes a step that is known from the messages.
/// </summary>
internal static class CallLinks
{
    public static void Link(List<AgentStep> steps, IReadOnlyList<ToolAnswer> answers)
    {
        var pending = new List<(ModelStep Model, AskedCall Call)>();
        var byId = new Dictionary<string, (ModelStep Model, AskedCall Call)>(StringComparer.Ordinal);
        foreach (var model in steps.OfType<ModelStep>())
        {
            foreach (var call in model.Output.SelectMany(message => message.Calls))
            {
                // A call without an id that was seen is another call; one with an id is the same, whoever tells it again.
                if (call.Id is null || byId.TryAdd(call.Id, (model, call)))
                {
                    pending.Add((model, call));
                }
            }
        }

        var told = answers.Where(answer => answer.CallId is not null).GroupBy(answer => answer.CallId!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var models = new Models(steps);
        foreach (var tool in steps.OfType<ToolStep>())
        {
            var index = Find(pending, told, tool);
            if (index >= 0)
            {
                (tool.Asker, tool.Call) = pending[index];
                tool.CallId ??= tool.Call.Id;
                // Some frameworks record a call's only argument bare; how the model asked says what it is.
                if (tool.Arguments is null)
                {
                    tool.Arguments = tool.Call.Arguments;
                }
                else if (tool.Arguments.Value.ValueKind != JsonValueKind.Object && tool.Call.Arguments is { Value.ValueKind: JsonValueKind.Object } asked)
                {
                    tool.Arguments = asked with { Recorded = tool.Arguments };
                }

                pending.RemoveAt(index);
            }
            else
            {
                tool.Asker = models.Above(tool) ?? models.Before(tool);
            }
        }

        foreach (var (model, call) in pending)
        {
            steps.Add(new ToolStep(model.Node, call.Name, isRecorded: false) { CallId = call.Id, Asker = model, Call = call, Arguments = call.Arguments });
        }

        Tell(steps, answers, told);
        Order(steps);
        foreach (var tool in steps.OfType<ToolStep>())
        {
            tool.Asker?.Asked.Add(tool);
            tool.Run ??= tool.Asker?.Run;
        }
    }

    private static int Find(List<(ModelStep Model, AskedCall Call)> pending, Dictionary<string, ToolAnswer> told, ToolStep tool)
    {
        if (tool.CallId is { } id && pending.FindIndex(asked => asked.Call.Id == id) is >= 0 and var named)
        {
            return named;
        }

        bool Fits((ModelStep Model, AskedCall Call) asked) => (tool.CallId is null || asked.Call.Id is null || asked.Call.Id == tool.CallId)
            && asked.Model.Node.StartNs <= tool.Node.StartNs && IsSame(asked.Call.Name, tool.Tool);
        if (StepTree.StepAbove(tool.Node) is { } above && pending.FindIndex(asked => asked.Model.Node == above && Fits(asked)) is >= 0 and var within)
        {
            return within;
        }

        var exact = Choose(pending, told, tool, asked => Fits(asked) && asked.Call.Arguments is not null && asked.Call.Arguments.Key == tool.Arguments?.Key);
        return exact >= 0 ? exact : Choose(pending, told, tool, Fits);
    }

    // A failed call may have lost its span: where several calls fit, it is the one that was answered with what the span returned.
    private static int Choose(
        List<(ModelStep Model, AskedCall Call)> pending, Dictionary<string, ToolAnswer> told, ToolStep tool, Predicate<(ModelStep Model, AskedCall Call)> fits)
    {
        var answered = tool.Result is { } result
            ? pending.FindIndex(asked => fits(asked) && asked.Call.Id is { } id && told.TryGetValue(id, out var answer) && answer.Result.Key == result.Key)
            : -1;
        return answered >= 0 ? answered : pending.FindIndex(fits);
    }

    // Frameworks qualify names: a plug-in's "Warehouse-find_item", an MCP server's "desk__find", a handoff's two spellings.
    private static bool IsSame(string asked, string ran)
    {
        if (asked == ran)
        {
            return true;
        }

        if (Handoffs.TargetOf(asked) is { } to && Handoffs.TargetOf(ran) is { } target)
        {
            return Handoffs.IsSame(to, target);
        }

        var (longer, shorter) = asked.Length > ran.Length ? (asked, ran) : (ran, asked);
        return longer.Length > shorter.Length && longer.EndsWith(shorter, StringComparison.Ordinal) && longer[^(shorter.Length + 1)] is '-' or '_' or '.' or '/' or ':';
    }

    private static void Tell(List<AgentStep> steps, IReadOnlyList<ToolAnswer> answers, Dictionary<string, ToolAnswer> byId)
    {
        var nameless = answers.Where(answer => answer.CallId is null).DistinctBy(answer => (answer.Name, answer.Result.Key)).ToList();
        foreach (var tool in steps.OfType<ToolStep>())
        {
            if (tool.CallId is { } id && byId.TryGetValue(id, out var told))
            {
                (tool.Told, tool.ToldTo) = (told.Result, told.To);
            }
            else if (nameless.FindIndex(answer => answer.Name == tool.Tool || (answer.Name is null && (tool.Result is null || tool.Result.Key == answer.Result.Key))) is >= 0 and var index)
            {
                (tool.Told, tool.ToldTo) = (nameless[index].Result, nameless[index].To);
                nameless.RemoveAt(index);
            }

            tool.Result ??= tool.Told;
        }
    }

    private static void Order(List<AgentStep> steps)
    {
        var ordered = steps.Select((step, index) => (step, index))
            .OrderBy(pair => pair.step.Node.StartNs)
            .ThenBy(pair => pair.step.Node.Index)
            .ThenBy(pair => pair.index)
            .Select(pair => pair.step).ToList();
        // Clocks of one process differ by less than a call takes: what a model was told was there before it.
        foreach (var tool in ordered.OfType<ToolStep>().Where(tool => tool.ToldTo is not null && tool.Asker != tool.ToldTo).ToList())
        {
            var (at, reader) = (ordered.IndexOf(tool), ordered.IndexOf(tool.ToldTo!));
            if (reader >= 0 && at > reader && (tool.Asker is null || ordered.IndexOf(tool.Asker) < reader))
            {
                ordered.RemoveAt(at);
                ordered.Insert(reader, tool);
            }
        }

        steps.Clear();
        steps.AddRange(ordered);
    }

    // What runs outside of an agent's run when that has ended was called by somebody else, such as a monitor that looks at what the agent did.
    private static bool IsOver(ModelStep model, ToolStep tool) =>
        !MethodVersion.IsBefore(5) && tool.Run is null && model.Run is { } run && run.Node.EndNs < tool.Node.StartNs;

    /// <summary>The model calls of a run, which are read in the order of their starts.</summary>
    private sealed class Models(List<AgentStep> steps)
    {
        private readonly Dictionary<SpanNode, AgentStep> _byNode = steps.DistinctBy(static step => step.Node).ToDictionary(static step => step.Node);
        private readonly List<ModelStep> _inOrder = [.. steps.OfType<ModelStep>()];

        public ModelStep? Above(ToolStep tool) => StepTree.StepAbove(tool.Node) is { } above ? _byNode.GetValueOrDefault(above) as ModelStep : null;

        public ModelStep? Before(ToolStep tool)
        {
            var (from, to) = (0, _inOrder.Count);
            while (from < to)
            {
                var middle = (from + to) / 2;
                (from, to) = _inOrder[middle].Node.StartNs <= tool.Node.StartNs ? (middle + 1, to) : (from, middle);
            }

            var last = from == 0 ? -1 : _inOrder.FindLastIndex(from - 1, model => model.Run == tool.Run || tool.Run is null || model.Run is null);
            return last < 0 || IsOver(_inOrder[last], tool) ? null : _inOrder[last];
        }
    }
}
