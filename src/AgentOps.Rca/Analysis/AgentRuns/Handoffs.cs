namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Tools with which a model hands the conversation to another agent, by the names that frameworks give them.</summary>
internal static class Handoffs
{
    private static readonly string[] Prefixes = ["handoff to ", "handoff_to_", "handoff-to-", "transfer_to_", "transfer-to-", "handoff:", "transfer to ", "transfer_back_to_", "delegate_to_"];

    public static bool IsHandoff(string tool) => TargetOf(tool) is not null;

    /// <summary>The agent that the conversation is handed to, as the tool's name says it; null when the tool is no handoff.</summary>
    public static string? TargetOf(string tool)
    {
        foreach (var prefix in Prefixes)
        {
            if (tool.Length > prefix.Length && tool.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return tool[prefix.Length..];
            }
        }

        return null;
    }

    /// <summary>Whether two names are one agent's: frameworks write spaces as underscores.</summary>
    public static bool IsSame(string left, string right) => Fold(left) == Fold(right);

    private static string Fold(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
