namespace AgentOps.Rca.Detection;

/// <summary>The end of a sentence about a failure: its type, and the first line of its words, which may be a page with a stack trace.</summary>
internal static class FailureWords
{
    private const int Longest = 300;

    public static string Of(string? type, string? message)
    {
        var words = (message ?? "").AsSpan().Trim();
        words = words[..(words.IndexOfAny('\r', '\n') is >= 0 and var end ? end : words.Length)];
        words = words.Length > Longest ? words[..(char.IsHighSurrogate(words[Longest - 1]) ? Longest - 1 : Longest)] : words;
        return $"{(string.IsNullOrEmpty(type) ? "" : $" ({type})")}{(words.IsEmpty ? "." : $": {words}")}";
    }
}
