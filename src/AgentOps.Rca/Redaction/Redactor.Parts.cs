namespace AgentOps.Rca.Redaction;

internal sealed partial class Redactor
{
    /// <summary>
    /// The text as <see cref="Redact"/> gives it, in parts that tell where each stood: together they are the whole text, in its order.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="personalDataIsMasked">Whether personal data was masked before.</param>
    public IReadOnlyList<ShownPart> Parts(string text, bool personalDataIsMasked = false)
    {
        var redacted = Redact(text, personalDataIsMasked);
        if (redacted == text)
        {
            return text.Length == 0 ? [] : [new ShownPart(0, text.Length, text, IsMasked: false)];
        }

        List<ShownPart> parts = [];
        var (at, clear) = (0, 0);
        foreach (var match in Placeholder.EnumerateMatches(redacted))
        {
            var word = redacted.AsSpan(match.Index, match.Length).ToString();
            if (!_values.TryGetValue(word, out var value))
            {
                continue;
            }

            // What stands between two placeholders is the same in both texts.
            var between = match.Index - clear;
            var start = at + between;
            if (start + value.Length > text.Length || !text.AsSpan(start, value.Length).SequenceEqual(value))
            {
                // The text itself held the word.
                if (start + word.Length <= text.Length && text.AsSpan(start, word.Length).SequenceEqual(word))
                {
                    continue;
                }

                return [new ShownPart(0, text.Length, redacted, IsMasked: true)];
            }

            if (between > 0)
            {
                parts.Add(new ShownPart(at, between, text.Substring(at, between), IsMasked: false));
            }

            parts.Add(new ShownPart(start, value.Length, word, IsMasked: true));
            (at, clear) = (start + value.Length, match.Index + match.Length);
        }

        if (at < text.Length)
        {
            parts.Add(new ShownPart(at, text.Length - at, text[at..], IsMasked: false));
        }

        return parts;
    }
}
