using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A run that reached its limit of turns, and what used them up: agents that hand off to each other, one call made again and again, or one page a turn.</summary>
internal sealed class TurnLimitDetector : IDetector
{
    private const double Strength = 2.5;
    private const int FewestCalls = 3;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run.IsEmpty)
        {
            return [];
        }

        var ended = context.Spans.Nodes.Where(node => node.Failure is { } failure && ErrorClasses.CategoryOf(failure) == "turn_limit")
            .OrderByDescending(node => Depth(node)).FirstOrDefault();
        return Describe(context, run, ended) is { } finding ? [finding] : [];
    }

    private static int Depth(SpanNode node)
    {
        var depth = 0;
        for (var at = node.Parent; at is not null; at = at.Parent)
        {
            depth++;
        }

        return depth;
    }

    private static Finding? Describe(DetectionContext context, AgentRun run, SpanNode? ended)
    {
        var handoffs = run.Tools.Where(tool => tool.IsHandoff).ToList();
        var answered = run.Answering is not null;
        if (handoffs.Count >= FewestCalls + 1 && (ended is not null || !answered) && handoffs.Select(step => Handoffs.TargetOf(step.Tool)!).Distinct().Count() < handoffs.Count / 2.0)
        {
            return OfHandoffs(context, run, handoffs, ended);
        }

        if (ended is null)
        {
            return null;
        }

        var most = run.Tools.GroupBy(tool => tool.Tool, StringComparer.Ordinal).MaxBy(group => group.Count())?.ToList();
        var limit = ErrorText.Clean(ended.Failure!.Message);
        var above = run.OwnerOf(ended) as RunStep ?? run.Runs.FirstOrDefault(step => step.Node == ended);
        var fact = new Fact(ended.FailurePlace.SpanId, $"The run ended because its limit of turns was reached: {StepFindings.Quote(limit)}.", ended.FailurePlace.Pointer);
        if (most is null || most.Count < FewestCalls)
        {
            return !MethodVersion.IsBefore(5) && above is not null && TurnCycle.Of(run, above) is { } cycle ? OfCycle(run, above, cycle, limit, fact) : above is null ? null : StepFindings.At(
                above, "turn_limit", "turn_limit", Proof.Certain, Strength, $"{StepFindings.Say(above)} reached its limit of turns ({StepFindings.Quote(limit)}).", [fact],
                ErrorClasses.Advice("turn_limit", ""), "turn_limit", explains: run.Runs);
        }

        var (first, last) = (most[0], most[^1]);
        var arguments = most.Select(tool => tool.Arguments?.Key ?? "").Distinct().Count();
        var results = most.Select(tool => tool.Result?.Key ?? "").Distinct().Count();
        var what = arguments == 1
            ? $"with the same arguments {Words.Times(most.Count)}{(results == 1 && first.Result is not null ? ", each time with the same result" : "")}"
            : Words.Invariant($"{Words.Times(most.Count)} with {arguments} different arguments, from {Given(first)} to {Given(last)}");
        var ignored = MethodVersion.IsBefore(5) ? null : SameAnswers.Ignored(most);
        what += ignored is null ? "" : ", each time with the same result";
        return StepFindings.At(
            first, "turn_limit", arguments == 1 ? "loop" : "turn_limit", Proof.Certain, Strength,
            $"The run reached its limit of turns ({StepFindings.Quote(limit, 120)}) while {StepFindings.Say(first)} was called {what}.",
            [
                fact,
                .. most.Take(3).Select(tool => tool.Arguments?.Say($"{StepFindings.Say(tool)} was called{Words.At(tool.Node.StartNs)}.") ?? new Fact(tool.Node.SpanId, $"{StepFindings.Say(tool)} was called{Words.At(tool.Node.StartNs)}.", "/start_ts")),
                .. ignored is null ? (IEnumerable<Fact>)[] : [first.Result!.Say("What the first call gave back."), last.Result!.Say("What the last call gave back.")],
            ],
            arguments == 1
                ? $"Stop the run when {StepFindings.Say(first)} is about to be called with arguments it has already answered, or have it say when to ask again."
                : ignored is not null ? $"Find out why {StepFindings.Say(first)} does not look at “{Words.Short(ignored, 40)}”, and end a run when other arguments bring nothing new."
                : $"Let {StepFindings.Say(first)} return more at a time or answer the question itself, or raise the limit of turns.",
            "turn_limit", explains: most.Cast<AgentStep>().Concat(run.Runs));
    }

    private static Finding OfCycle(AgentRun run, RunStep above, TurnCycle cycle, string limit, Fact fact)
    {
        var names = string.Join(cycle.Names.Count == 2 ? " and " : ", ", cycle.Names.Select(Words.Name));
        var same = cycle.Repeated.Count == cycle.Names.Count ? $", each with the same words every time ({string.Join(", ", cycle.Repeated.Select(static said => StepFindings.Quote(said.First.Text, 80)))})" : "";
        return StepFindings.At(
            cycle.Models[0], "turn_limit", "loop", Proof.Certain, Strength,
            $"{StepFindings.Say(above)} reached its limit of turns ({StepFindings.Quote(limit, 120)}) while {names} took turns with each other {Words.Times(cycle.Models.Count)}{Words.Between(cycle.Models[0].Node.StartNs, cycle.Models[^1].Node.EndNs)}{same}.",
            [fact, .. cycle.Repeated.SelectMany(static said => (Fact[])[said.First.Say("What it said first."), said.Last.Say("What it said last.")])],
            "Say which of them is to answer, and end a run in which the same ones take turns and say nothing new.", "turn_limit", explains: run.Runs.Cast<AgentStep>().Concat(cycle.Models));
    }

    private static string Given(ToolStep tool) => tool.Arguments is { } arguments ? StepFindings.Quote(arguments.Text, 60) : "none that were recorded";

    private static Finding OfHandoffs(DetectionContext context, AgentRun run, List<ToolStep> handoffs, SpanNode? ended)
    {
        var agents = handoffs.Select(step => Words.Short(Handoffs.TargetOf(step.Tool)!.Replace('_', ' '), 60)).Distinct().Take(4).ToList();
        List<Fact> facts = [.. handoffs.Take(4).Select(step => step.IsRecorded
            ? new Fact(step.Node.SpanId, $"{StepFindings.Say(step)}{Words.At(step.Node.StartNs)}.", "/tool")
            : step.Call!.Place.Say($"{StepFindings.Say(step)}{Words.At(step.Node.StartNs)}."))];
        if (ended is not null)
        {
            facts.Add(new Fact(ended.FailurePlace.SpanId, "The run ended because its limit of turns was reached.", ended.FailurePlace.Pointer));
        }

        var limit = ended is null ? "" : $", until the limit of turns was reached ({StepFindings.Quote(ErrorText.Clean(ended.Failure!.Message), 120)})";
        return StepFindings.At(
            handoffs[0], "handoff_loop", "handoff_loop", Proof.Certain, Strength + 0.1,
            Words.Invariant($"{string.Join(" and ", agents)} handed the conversation off to each other {handoffs.Count} times in a loop{Words.Between(handoffs[0].Node.StartNs, handoffs[^1].Node.EndNs, ", from ", " to ")}{limit}."),
            facts, "Say in the agents' instructions which of them answers, and end a run in which the same agents hand off to each other twice.", "handoff_loop",
            explains: handoffs.Cast<AgentStep>().Concat(run.Runs).Concat(run.Models));
    }
}
