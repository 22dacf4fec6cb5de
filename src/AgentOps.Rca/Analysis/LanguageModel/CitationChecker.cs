using AgentOps.Rca.Analysis.LanguageModel.Claims;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Checks a model's citations against the stored bytes: the id must be one it was shown, and the quote must stand there. A quote of a
/// redacted place is checked with the hidden values put back, and never shown with them.
/// </summary>
internal sealed class CitationChecker(PromptContent shown, Redactor redactor)
{
    /// <summary>Shorter quotes must be found only once in their place.</summary>
    private const int SafeLength = 8;

    private const int Around = 700;

    /// <summary>A value that a pointer leads to stands for its words when it is no longer.</summary>
    private const int MostValue = 200;

    private readonly Dictionary<string, PromptEvidence> _evidence = shown.Evidence.ToDictionary(item => item.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, PromptStep> _steps = shown.Steps.ToDictionary(step => step.Id, StringComparer.Ordinal);

    /// <summary>The step of an id, or null.</summary>
    public PromptStep? Step(string id) => _steps.GetValueOrDefault(id);

    /// <summary>The span that an id stands for, or null.</summary>
    public SpanNode? Node(string id) => _steps.TryGetValue(id, out var step) ? step.Node : _evidence.GetValueOrDefault(id)?.Node;

    /// <summary>What an id names as it was shown, without a quote; null when it was not shown.</summary>
    public CheckedCitation? Find(string id) => _steps.TryGetValue(id, out var step) ? CheckStep(step, quote: null, pointer: null)
        : _evidence.TryGetValue(id, out var item) ? new CheckedCitation(id, item.Node, new CitedRecord(item.Evidence.Kind, item.Node, item.Text, item.Words)) { Evidence = item }
        : null;

    /// <summary>What the citation points at, or null when it does not hold.</summary>
    public CheckedCitation? Check(ModelCitation citation)
    {
        var quote = string.IsNullOrWhiteSpace(citation.Quote) ? null : UntrustedText.Clean(citation.Quote).Trim('…').Trim();
        var pointer = string.IsNullOrEmpty(citation.Pointer) ? null : citation.Pointer;
        return _steps.TryGetValue(citation.Id!, out var step) ? CheckStep(step, quote, pointer)
            : _evidence.TryGetValue(citation.Id!, out var item) && item.Evidence.Checked ? CheckEvidence(item, quote, pointer)
            : null;
    }

    private static CheckedCitation? CheckStep(PromptStep step, string? quote, string? pointer)
    {
        var line = step.Line;
        var says = $"{step.Name} at {line.At} took {line.Took}{(line.Outcome is { } outcome ? $", {outcome}" : "")}.";
        if (string.IsNullOrEmpty(quote))
        {
            return pointer is null ? new CheckedCitation(step.Id, step.Node, new CitedRecord(line.Step, step.Node, says, "")) : null;
        }

        var texts = step.Texts.Where(text => text.Shown.Contains(quote, StringComparison.Ordinal) && (pointer is null || text.Place.Pointer == pointer)).ToList();
        if (texts.Count == 0)
        {
            // Words of the line that tells what the step is are no words of the records.
            return step.Skeleton.Contains(quote, StringComparison.Ordinal) ? new CheckedCitation(step.Id, step.Node, new CitedRecord(line.Step, step.Node, says, "")) : null;
        }

        var text = texts[0];
        var at = text.Shown.IndexOf(quote, StringComparison.Ordinal);
        var around = text.Shown[Math.Max(0, at - Around)..Math.Min(text.Shown.Length, at + quote.Length + Around)];
        var isExact = quote.Length >= SafeLength || Count(text.Shown, quote) == 1 && texts.TrueForAll(other => other.Shown == text.Shown || texts.Count == 1);
        return new CheckedCitation(step.Id, step.Node, new CitedRecord(line.Step, step.Node, says, around, quote, pointer))
        {
            Quote = isExact ? quote : null,
            Text = text,
            LooksLikeInstructions = InstructionSigns.In(quote),
        };
    }

    private CheckedCitation? CheckEvidence(PromptEvidence item, string? quote, string? pointer)
    {
        var record = new CitedRecord(item.Evidence.Kind, item.Node, item.Text, item.Words, quote, pointer ?? item.Evidence.Pointer);
        if (string.IsNullOrEmpty(quote))
        {
            // Without a quote it must be the evidence's own place, or evidence that has no words to quote.
            return pointer is null ? (item.Words.Length == 0 ? Checked(null) : null)
                : pointer == item.Evidence.Pointer && item.Stored?.At(pointer) is { } there ? Checked(there.Length is > 0 and <= MostValue && redactor.Redact(there, item.Stored.PersonalDataIsMasked) == there ? there : null)
                : null;
        }

        var original = redactor.Restore(quote);
        var value = pointer is null ? null : item.Stored?.At(pointer);
        var holds = pointer is null ? item.Stored?.Holds(original) == true : value?.Contains(original, StringComparison.Ordinal) == true;
        if (!holds)
        {
            return null;
        }

        var isExact = quote.Length >= SafeLength || quote == item.Words || Count(value ?? item.Stored!.Text, original) == 1;
        return Checked(isExact && redactor.Redact(original) == original ? original : isExact ? quote : null);

        CheckedCitation Checked(string? exact) => new(item.Id, item.Node, record)
        {
            Evidence = item,
            Quote = exact,
            IsVerbatim = exact is not null && item.Stored?.HoldsExactly(exact) == true,
            LooksLikeInstructions = item.LooksLikeInstructions,
        };
    }

    private static int Count(string text, string quote)
    {
        var count = 0;
        for (var at = text.IndexOf(quote, StringComparison.Ordinal); at >= 0 && count < 2; at = text.IndexOf(quote, at + 1, StringComparison.Ordinal))
        {
            count++;
        }

        return count;
    }
}

/// <summary>A citation that holds.</summary>
/// <param name="Id">The id of the step or the evidence in the prompt.</param>
/// <param name="Node">Its span, or null.</param>
/// <param name="Record">What it says, for the check of sentences that cite it.</param>
internal sealed record CheckedCitation(string Id, SpanNode? Node, CitedRecord Record)
{
    /// <summary>The words, where they are unmistakable; else null.</summary>
    public string? Quote { get; init; }

    /// <summary>The text of the step that has them, or null.</summary>
    public StepText? Text { get; init; }

    /// <summary>The evidence of the detectors, or null when it is a step.</summary>
    public PromptEvidence? Evidence { get; init; }

    /// <summary>Whether the stored bytes of the evidence have the words exactly.</summary>
    public bool IsVerbatim { get; init; }

    /// <summary>Whether the words talk to whoever reads them; they show what was said and nothing else.</summary>
    public bool LooksLikeInstructions { get; init; }
}
