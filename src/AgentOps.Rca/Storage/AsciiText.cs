namespace AgentOps.Rca.Storage;

/// <summary>Text folded the way SQLite's own <c>lower()</c> folds it; every backend follows it, so that a filter finds the same rows everywhere.</summary>
internal static class AsciiText
{
    /// <summary>The text with A to Z in lower case and all else as it is.</summary>
    public static string ToLower(string text) => string.Create(text.Length, text, static (target, source) =>
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
        }
    });
}
