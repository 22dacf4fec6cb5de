using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>The sentences of a text, letter for letter. The full stop in an amount, a file's name or an abbreviation ends none.</summary>
internal static partial class Sentences
{
    /// <summary>What stands for a full stop that ends no sentence in <see cref="Masked"/>.</summary>
    private const char Inner = '\u2024';

    /// <summary>The sentences, in their order; items of a list and headings are sentences, too.</summary>
    public static IEnumerable<string> In(string text) => End().Split(text).Select(static sentence => sentence.Trim()).Where(static sentence => sentence.Length > 0);

    /// <summary>The text with another sign for each full stop that ends no sentence; as long as the text, so that places are the same in both.</summary>
    public static string Masked(string text) => Within().Replace(text, static stop => new string(Inner, stop.Length));

    /// <summary>Masked text as it was.</summary>
    public static string Unmasked(string masked) => masked.Replace(Inner, '.');

    // A line that goes on in small letters is part of the sentence before it.
    [GeneratedRegex(@"(?<=[.!?…]['""”’)\]*_]{0,3})(?<!\b(?:e\.g|i\.e|cf|vs|Dr|Mr|Mrs|Ms|approx|z\.\s?B|d\.\s?h|bzw|ca|p\.\s?ex)\.)\s+|(?<=[。！？])|(?<=[:;.!?])\s*\n\s*|\n\s*(?:\n\s*|(?=[-*•#\d>]|\p{Lu}))", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex End();

    [GeneratedRegex(@"(?<=\S)\.(?=[\p{L}\p{N}_])|(?<=\b(?:e\.g|i\.e|cf|vs|approx))\.(?=\s)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Within();
}
