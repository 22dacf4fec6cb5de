using System.Text;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Redaction;

/// <summary>Masks secrets and personal data in what people see. What is stored stays as it is.</summary>
internal static class ShownText
{
    /// <summary>The text with placeholders such as <c>[SECRET_1]</c> in the place of what must not be seen.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="piiMasked">Whether personal data was masked before it was stored; secrets are looked for all the same.</param>
    public static string Mask(string text, bool piiMasked = false) => new Redactor().Redact(text, piiMasked);

    /// <summary>Why what a person says of themselves or of a report cannot be taken as a text, or null when it can.</summary>
    /// <param name="text">A name or a note.</param>
    /// <param name="mayHaveLines">Whether it may have several lines, as a note may.</param>
    public static string? FindProblem(string text, bool mayHaveLines = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        return JsonRules.FindTextProblem(text) ?? UntrustedText.FindProblem(text, mayHaveLines);
    }

    /// <summary>The beginning of an artifact, masked when it is text.</summary>
    /// <param name="content">The first bytes; they may end within a character.</param>
    /// <param name="mime">The artifact's media type.</param>
    /// <param name="piiMasked">Whether personal data was masked before it was stored.</param>
    /// <returns>The same bytes when there is nothing to mask.</returns>
    public static byte[] Mask(byte[] content, string mime, bool piiMasked)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(mime);
        if (!IsText(mime))
        {
            return content;
        }

        // Bytes that are no UTF-8 become replacement characters; text around them is masked all the same.
        var characters = new char[Encoding.UTF8.GetMaxCharCount(content.Length)];
        Encoding.UTF8.GetDecoder().Convert(content, characters, flush: false, out _, out var count, out _);
        var text = new string(characters, 0, count);
        var masked = Mask(text, piiMasked);
        return masked == text ? content : Encoding.UTF8.GetBytes(masked);
    }

    private static bool IsText(string mime)
    {
        var type = mime.Split(';')[0].Trim().ToLowerInvariant();
        return type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("json", StringComparison.Ordinal)
            || type.EndsWith("xml", StringComparison.Ordinal) || type.EndsWith("yaml", StringComparison.Ordinal)
            || type is "application/x-ndjson" or "application/jsonl" or "application/x-www-form-urlencoded";
    }
}
