namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>The words of an error without its stack trace: what a person reads first.</summary>
internal static class ErrorText
{
    private const int Most = 400;

    /// <summary>The message's own lines; of a traceback the last one, which names the error.</summary>
    public static string Clean(string? message)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            return "";
        }

        var lines = message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (Array.Exists(lines, line => line.StartsWith("Traceback (most recent", StringComparison.Ordinal)))
        {
            return Cut(lines[^1]);
        }

        // The first lines up to the trace; a repeated first line ("TimeoutError: …" after "…") says nothing new.
        var kept = lines.TakeWhile(line => !IsTrace(line)).ToList();
        if (kept.Count == 0)
        {
            kept.Add(lines[0]);
        }

        var distinct = kept.Where((line, index) => index == 0 || !line.EndsWith(kept[0], StringComparison.Ordinal)).ToList();
        return Cut(string.Join(' ', distinct));
    }

    private static bool IsTrace(string line) =>
        line.StartsWith("at ", StringComparison.Ordinal) || line.StartsWith("File \"", StringComparison.Ordinal) || line.StartsWith("--- ", StringComparison.Ordinal)
        || line.StartsWith("---> ", StringComparison.Ordinal) || line.StartsWith("goroutine ", StringComparison.Ordinal) || line.StartsWith("stack backtrace", StringComparison.OrdinalIgnoreCase);

    private static string Cut(string text) => text.Length <= Most ? text : text[..(char.IsHighSurrogate(text[Most - 1]) ? Most - 1 : Most)];
}
