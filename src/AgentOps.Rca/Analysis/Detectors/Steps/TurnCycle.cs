using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Agents or nodes of a graph that take turns with each other until a run's end: A, B, A, B.</summary>
/// <param name="Names">What takes turns, in its order.</param>
/// <param name="Models">The model calls of these turns.</param>
/// <param name="Repeated">Of each that said the same every time, its first and its last words.</param>
internal sealed record TurnCycle(IReadOnlyList<string> Names, IReadOnlyList<ModelStep> Models, IReadOnlyList<(Passage First, Passage Last)> Repeated)
{
    private const int Most = 3;
    private const int FewestRounds = 3;

    /// <summary>The cycle with which a run ends, or null.</summary>
    public static TurnCycle? Of(AgentRun run, RunStep above)
    {
        // One turn may take several model calls.
        List<(SpanNode Turn, string Name, ModelStep Model)> turns = [];
        foreach (var model in run.Models)
        {
            if (TurnOf(model.Node, above.Node) is { } turn)
            {
                var name = turn == model.Node ? model.Agent ?? "" : turn.Tool;
                if (turns.Count == 0 || turns[^1].Name != name)
                {
                    turns.Add((turn, name, model));
                }
            }
        }

        for (var size = 2; size <= Most; size++)
        {
            var from = turns.Count - 1;
            while (from - size >= 0 && turns[from - size].Name == turns[from].Name)
            {
                from--;
            }

            var cycle = turns.Skip(Math.Max(0, from - size + 1)).ToList();
            var names = cycle.Take(size).Select(static turn => turn.Name).ToList();
            if (cycle.Count >= FewestRounds * size && names.TrueForAll(static name => name.Length > 0) && names.Distinct(StringComparer.Ordinal).Count() == size)
            {
                return new TurnCycle(names, [.. cycle.Select(static turn => turn.Model)], [.. names.Select(name => SameWords(cycle.FindAll(turn => turn.Name == name).ConvertAll(static turn => turn.Model))).OfType<(Passage, Passage)>()]);
            }
        }

        return null;
    }

    private static (Passage First, Passage Last)? SameWords(List<ModelStep> models)
    {
        var said = models.ConvertAll(static model => model.Said.LastOrDefault());
        return said[0] is { } first && said[^1] is { } last && said.TrueForAll(words => words?.Text == first.Text) ? (first, last) : null;
    }

    // What stands between the run and the model call, directly below the run.
    private static SpanNode? TurnOf(SpanNode model, SpanNode above)
    {
        var at = model;
        while (at.Parent is { } parent)
        {
            if (parent == above)
            {
                return at;
            }

            at = parent;
        }

        return null;
    }
}
