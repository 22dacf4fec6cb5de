using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Where something stands in the records.</summary>
/// <param name="SpanId">The span.</param>
/// <param name="Artifact">The artifact that the span names, or null when it stands in the span itself.</param>
/// <param name="Pointer">A JSON pointer into the artifact, or into the span's canonical form; null when the artifact is plain text.</param>
internal readonly record struct Place(string SpanId, ArtifactDigest? Artifact, string? Pointer)
{
    /// <summary>The place of a member of what stands here.</summary>
    public Place Member(string name) => this with { Pointer = (Pointer ?? "") + JsonPointers.Step(name) };

    /// <summary>The place of an element of the array that stands here.</summary>
    public Place Item(int index) => this with { Pointer = Words.Invariant($"{Pointer}/{index}") };

    /// <summary>A fact that was read here.</summary>
    /// <param name="text">What it says, in a sentence.</param>
    /// <param name="quote">Its words, letter for letter; needed where no pointer leads.</param>
    public Fact Say(string text, string? quote = null) => new(SpanId, text, Pointer, Artifact, quote);
}

/// <summary>Words, and where they stand.</summary>
/// <param name="Text">The words, whole.</param>
/// <param name="Place">Where.</param>
internal sealed record Passage(string Text, Place Place)
{
    /// <summary>A fact that rests on some of these words.</summary>
    /// <param name="text">What it says, in a sentence.</param>
    /// <param name="words">The words of <see cref="Text"/> that say it; by default its first line.</param>
    public Fact Say(string text, string? words = null) =>
        Place.Say(text, words is { Length: > 0 } && Text.Contains(words, StringComparison.Ordinal) ? words : Place.Pointer is null ? FirstWords() : null);

    private string FirstWords()
    {
        const int most = 120;
        var line = Text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return line.Length <= most ? line.ToString() : line[..(char.IsHighSurrogate(line[most - 1]) ? most - 1 : most)].ToString();
    }
}
