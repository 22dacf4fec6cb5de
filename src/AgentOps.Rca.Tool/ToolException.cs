namespace AgentOps.Rca.Tool;

/// <summary>Why a command cannot be carried out, in a sentence for its user.</summary>
internal sealed class ToolException(string message) : Exception(message);
