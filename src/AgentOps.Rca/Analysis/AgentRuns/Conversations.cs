using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Which conversation a step is part of: the user's, or one that an agent has with an agent below it. What is said to another agent is no user's
/// answer, and shows nothing about a call that failed elsewhere.
/// </summary>
internal static class Conversations
{
    /// <summary>Whether two steps are part of the same one.</summary>
    public static bool AreSame(AgentRun run, AgentStep left, AgentStep right) => KeyOf(run, left) == KeyOf(run, right);

    // The innermost tool call or agent's run around a step that is not the whole run: by its span, or by the agent's name where nobody who asks models
    // stands above it, as when a workflow hands the user's messages to one agent again and again.
    private static string KeyOf(AgentRun run, AgentStep step)
    {
        for (var above = step.Node.Parent; above is not null; above = above.Parent)
        {
            switch (run.Find(above))
            {
                case ToolStep tool:
                    return tool.Node.SpanId;
                case RunStep inner when HasAbove(run, inner.Node):
                    return inner.Run is { } outer && !run.Models.Any(model => model.Run == outer) ? "agent " + inner.Agent : inner.Node.SpanId;
            }
        }

        return "";
    }

    private static bool HasAbove(AgentRun run, SpanNode node)
    {
        for (var above = node.Parent; above is not null; above = above.Parent)
        {
            if (run.Find(above) is RunStep or ToolStep)
            {
                return true;
            }
        }

        return false;
    }
}
