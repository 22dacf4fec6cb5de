using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Checks a model's citations against the stored bytes: the id must be one it was shown, and the quote must stand there. A quote of a
/// redacted place is checked with the hidden values put back, and never shown with them.
/// </summary>
internal sealed class CitationChecker(IReadOnlyList<PromptEvidence> shown, Redactor redactor)
{
    /// <summary>Shorter quotes stand nearly everywhere.</summary>
    private const int LeastQuote = 8;

    private readonly Dictionary<string, PromptEvidence> _shown = shown.ToDictionary(item => item.Id, StringComparer.Ordinal);

    /// <summary>What the citation points at, or null when it does not hold.</summary>
    public CheckedCitation? Check(ModelCitation citation)
    {
        if (!_shown.TryGetValue(citation.Id!, out var item) || !item.Evidence.Checked || item.LooksLikeInstructions)
        {
            return null;
        }

        var pointer = string.IsNullOrEmpty(citation.Pointer) ? null : citation.Pointer;
        if (string.IsNullOrWhiteSpace(citation.Quote))
        {
            // Without a quote it must be the evidence's own place, or evidence that has no words to quote.
            return pointer is null ? (item.Words.Length == 0 ? new CheckedCitation(item, null) : null)
                : pointer == item.Evidence.Pointer && item.Stored?.At(pointer) is not null ? new CheckedCitation(item, null)
                : null;
        }

        var quote = UntrustedText.Clean(citation.Quote).Trim('…');
        var original = redactor.Restore(quote);
        if (quote.Length < LeastQuote && quote != item.Words)
        {
            return null;
        }

        var holds = pointer is null
            ? item.Stored?.Holds(original) == true
            : item.Stored?.At(pointer)?.Contains(original, StringComparison.Ordinal) == true;
        return holds ? new CheckedCitation(item, redactor.Redact(original) == original && item.Stored!.HoldsExactly(original) ? original : null) : null;
    }
}

/// <summary>A citation that holds.</summary>
/// <param name="Item">The evidence.</param>
/// <param name="Quote">The words, where they may be shown and stand in the bytes exactly; else null.</param>
internal sealed record CheckedCitation(PromptEvidence Item, string? Quote);
