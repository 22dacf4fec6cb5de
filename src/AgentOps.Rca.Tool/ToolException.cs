namespace AgentOps.Rca.Tool;

/// <summary>Why a command cannot be carried out, in a sentence for its user.</summary>
internal class ToolException(string message) : Exception(message);

/// <summary>Why a file cannot be read or understood, in a sentence for its user.</summary>
internal sealed class UnreadableFileException(string message) : ToolException(message);
