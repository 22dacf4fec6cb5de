namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Small numbers as they are written in words.</summary>
internal static class NumberWords
{
    private static readonly string[] Small = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    /// <summary>The number of a word, or -1.</summary>
    public static int Of(string word) => Array.IndexOf(Small, word.ToLowerInvariant());
}
