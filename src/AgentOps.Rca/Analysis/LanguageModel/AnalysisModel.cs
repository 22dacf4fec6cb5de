using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>The chat client that analyses use.</summary>
/// <param name="Client">Gives the client.</param>
/// <param name="Unavailable">Says what it lacks, in a sentence, or null when it can be asked.</param>
internal sealed record AnalysisModel(Func<IChatClient> Client, Func<string?> Unavailable)
{
    public const string OfCode = "UseChatClient()";

    /// <summary>The setting or the call that chose it.</summary>
    public required string Origin { get; init; }

    /// <summary>Says which model is asked, for people; null when that is the client's own affair.</summary>
    public Func<string>? Name { get; init; }
}
