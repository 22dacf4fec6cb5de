using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A model that asks for a tool which it was not offered.</summary>
internal sealed class UnofferedToolDetector : IDetector
{
    private const double Strength = 2.8;
    private const int MostNames = 5;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. run.Tools.Where(IsUnoffered).GroupBy(tool => tool.Tool, StringComparer.Ordinal).Select(calls => Describe([.. calls])),
        ];
    }

    // A call that ran and succeeded was offered in some way that the records do not show, such as a handoff.
    private static bool IsUnoffered(ToolStep tool) =>
        tool is { Asker.Offered.Count: > 0, Call: not null, IsHandoff: false } && !IsOffered(tool) && (tool.Failure is not null || !tool.IsRecorded);

    private static bool IsOffered(ToolStep tool) => tool.Asker!.Offered.Keys.Any(name =>
        name == tool.Call!.Name || name == tool.Tool
        || (name.Length > tool.Call.Name.Length ? IsTail(name, tool.Call.Name) : IsTail(tool.Call.Name, name)));

    private static bool IsTail(string longer, string shorter) =>
        longer.Length > shorter.Length && longer.EndsWith(shorter, StringComparison.Ordinal) && !char.IsLetterOrDigit(longer[^(shorter.Length + 1)]);

    private static Finding Describe(List<ToolStep> calls)
    {
        var (first, model) = (calls[0], calls[0].Asker!);
        var name = Words.Name(first.Tool);
        var offered = string.Join(", ", model.Offered.Keys.Take(MostNames).Select(tool => Words.Name(tool))) + (model.Offered.Count > MostNames ? ", …" : "");
        List<Fact> facts =
        [
            .. calls.Take(3).Select(call => call.Call!.Place.Say($"{StepFindings.Say(call.Asker!)} asks for {name}{Words.At(call.Asker!.Node.EndNs)}.")),
            model.Offered.Values.First().Place.Say($"{Words.Count(model.Offered.Count, "tool was", "tools were")} offered: {offered}."),
            .. calls.Select(call => call.Failure?.Evidence).OfType<Fact>().Take(2),
        ];
        var answer = first.Failure is { Words.Length: > 0 } failure ? $" The answer was {StepFindings.Quote(failure.Words)}." : "";
        return StepFindings.At(
            model, "unoffered_tool", "unknown_tool", Proof.Certain, Strength,
            $"{StepFindings.Say(model)} called {name} {Words.Times(calls.Count)}, a tool that it was not offered (it was offered {offered}).{answer}",
            facts,
            $"Offer {name} if it is needed; else tell the model which tools there are when it asks for another, and stop after the second try.",
            errorClass: "unknown_tool",
            explains: calls.Cast<AgentStep>().Concat(calls.Skip(1).Select(call => call.Asker!)));
    }
}
