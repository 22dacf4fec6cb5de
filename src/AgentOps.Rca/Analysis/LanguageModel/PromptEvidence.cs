using System.Globalization;
using AgentOps.Rca.Redaction;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>A piece of the trace engine's evidence as a model is shown it.</summary>
/// <param name="Id">Its short id in the prompt: E1, E2, … in the order of the report.</param>
/// <param name="Evidence">The evidence itself.</param>
/// <param name="Node">The span it was read from, or null.</param>
/// <param name="Stored">The bytes it was read from, or null.</param>
/// <param name="Text">What it says, redacted.</param>
/// <param name="Words">The stored words around it, redacted; empty when there are none.</param>
/// <param name="Value">How much the hypotheses rest on it.</param>
/// <param name="LooksLikeInstructions">Whether what it shows talks to its reader; nothing that cites it counts as grounded.</param>
internal sealed record PromptEvidence(
    string Id, RcaEvidence Evidence, SpanNode? Node, StoredText? Stored, string Text, string Words, double Value, bool LooksLikeInstructions)
{
    private const int MostText = 400;
    private const int MostWords = 360;
    private const int Around = 120;
    private const double UncitedValue = 0.1;

    /// <summary>All evidence of a report, in its order.</summary>
    public static async ValueTask<IReadOnlyList<PromptEvidence>> ReadAsync(
        RcaCase rcaCase, RcaReport report, Redactor redactor, CancellationToken cancellationToken)
    {
        var values = Values(report);
        var items = new List<PromptEvidence>(report.Evidence.Count);
        foreach (var evidence in report.Evidence)
        {
            var stored = await StoredText.ReadAsync(rcaCase, evidence, cancellationToken).ConfigureAwait(false);
            var text = redactor.Redact(UntrustedText.Clean(evidence.Text));
            var words = Excerpt(evidence, stored, redactor);
            items.Add(new PromptEvidence(
                string.Create(CultureInfo.InvariantCulture, $"E{items.Count + 1}"),
                evidence,
                evidence.SpanId is { } spanId ? rcaCase.Spans.Find(spanId) : null,
                stored,
                UntrustedText.Cut(text, MostText),
                words,
                values.GetValueOrDefault(evidence.Id, UncitedValue),
                InstructionSigns.In(text) || InstructionSigns.In(words)));
        }

        return items;
    }

    // A hypothesis lends its evidence one over its rank, so that the first one's evidence is the last to be left out.
    private static Dictionary<string, double> Values(RcaReport report)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var hypothesis in report.Hypotheses)
        {
            foreach (var id in hypothesis.Evidence)
            {
                values[id] = values.GetValueOrDefault(id) + (1.0 / Math.Max(1, hypothesis.Rank));
            }
        }

        return values;
    }

    // Redacted as a whole before it is cut: half of a secret would not be recognised.
    private static string Excerpt(RcaEvidence evidence, StoredText? stored, Redactor redactor)
    {
        var quote = evidence.Quote is null ? null : UntrustedText.Clean(evidence.Quote);
        var masked = stored?.PersonalDataIsMasked ?? false;
        if (quote is null)
        {
            var value = evidence.Pointer is { } pointer ? stored?.At(pointer) : null;
            return value is null ? "" : UntrustedText.Cut(redactor.Redact(value, masked), MostWords);
        }

        var shown = redactor.Redact(quote, masked);
        var whole = stored is null ? shown : redactor.Redact(stored.Text, masked);
        var at = whole.IndexOf(shown, StringComparison.Ordinal);
        if (at < 0)
        {
            return UntrustedText.Cut(shown, MostWords);
        }

        var from = Math.Max(0, at - Around);
        var to = Math.Min(whole.Length, at + Math.Min(shown.Length, MostWords) + Around);
        return UntrustedText.Clean(whole[from..to]);
    }
}
