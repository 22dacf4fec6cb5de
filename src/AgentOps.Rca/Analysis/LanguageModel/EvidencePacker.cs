using System.Text.Json;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>Chooses the evidence that is worth its tokens.</summary>
internal static class EvidencePacker
{
    /// <summary>
    /// Takes evidence by value per token until the budget is used up, and gives it in its own order. What does not fit is skipped, so a
    /// long piece does not keep shorter ones out.
    /// </summary>
    public static IReadOnlyList<PromptEvidence> Pack(IReadOnlyList<PromptEvidence> evidence, int tokenBudget)
    {
        var taken = new HashSet<PromptEvidence>(ReferenceEqualityComparer.Instance);
        foreach (var (item, tokens) in evidence
            .Select(item => (Item: item, Tokens: TokenEstimate.Of(Line(item))))
            .OrderByDescending(pair => pair.Item.Value / pair.Tokens))
        {
            if (tokens <= tokenBudget)
            {
                tokenBudget -= tokens;
                taken.Add(item);
            }
        }

        return [.. evidence.Where(taken.Contains)];
    }

    /// <summary>The evidence as one line of JSON, so that nothing in it can end its own frame.</summary>
    public static string Line(PromptEvidence item) => JsonSerializer.Serialize(
        new EvidenceLine(item.Id, item.Evidence.Kind, item.Node is { } node ? UntrustedText.Clean(node.Tool) : null, item.Text, item.Words.Length > 0 ? item.Words : null),
        ModelJson.Readable.EvidenceLine);
}

/// <summary>The form in which a model is shown a piece of evidence.</summary>
internal sealed record EvidenceLine(string Id, string Kind, string? Tool, string Text, string? Words);
