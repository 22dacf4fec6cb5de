using System.Text.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>What a run was asked for: what its outermost agent or workflow was given, and not what one agent in it asked of another.</summary>
internal static class RunRequest
{
    private static readonly string[] Names = ["query", "question", "request", "prompt", "task", "input", "user_input", "userInput", "message", "goal", "topic", "text"];

    /// <summary>The request of the run that the first words of a user are part of, or null when no user said anything.</summary>
    public static Passage? Of(IReadOnlyList<AgentStep> steps)
    {
        if (steps.FirstOrDefault(static step => SaidTo(step) is not null) is not { } first)
        {
            return null;
        }

        var outer = first;
        while (outer.Run is { } above)
        {
            outer = above;
        }

        // Of the steps of that run the one furthest out; of several the first.
        return steps.Where(step => SaidTo(step) is not null && IsWithin(step, outer)).OrderBy(DepthOf).ThenBy(static step => step.Number).Select(SaidTo).FirstOrDefault();
    }

    /// <summary>The request in the arguments of a function that runs an agent: its only text, or the one that is named like one.</summary>
    public static RunMessage? Loose(Payload arguments)
    {
        string? name = null;
        if (arguments.Value.ValueKind == JsonValueKind.Object)
        {
            name = Array.Find(Names, known => arguments.Value.TryGetProperty(known, out var text) && text.ValueKind == JsonValueKind.String);
            name ??= arguments.Value.EnumerateObject().Take(2).ToList() is [{ Value.ValueKind: JsonValueKind.String } only] ? only.Name : null;
        }

        var said = name is not null ? arguments.Value.GetProperty(name).GetString()
            : arguments is { Value.ValueKind: JsonValueKind.String, Place.Pointer.Length: > 0 } ? arguments.Text : null;
        if (string.IsNullOrWhiteSpace(said))
        {
            return null;
        }

        var message = new RunMessage("user");
        message.Texts.Add(new Passage(said, name is null || arguments.IsInner ? arguments.Place : arguments.Place.Member(name)));
        return message;
    }

    private static Passage? SaidTo(AgentStep step) => step switch
    {
        RunStep run => First(run.Request),
        ModelStep model => First(model.Input),
        _ => null,
    };

    private static Passage? First(IEnumerable<RunMessage> messages) => messages.Where(static message => message.Role == "user").SelectMany(static message => message.Texts).FirstOrDefault();

    private static bool IsWithin(AgentStep step, AgentStep outer)
    {
        var at = step;
        while (at != outer && at.Run is { } above)
        {
            at = above;
        }

        return at == outer;
    }

    // A run is as far out as the model calls that it makes, and comes before them.
    private static int DepthOf(AgentStep step)
    {
        var depth = step is RunStep ? 0 : -1;
        for (var above = step.Run; above is not null; above = above.Run)
        {
            depth += 2;
        }

        return depth;
    }
}
