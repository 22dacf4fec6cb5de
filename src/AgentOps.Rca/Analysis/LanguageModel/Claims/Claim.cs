using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>A sentence about a run, and the records that it names as its ground.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Tool">The tool that it is said to be about, or null.</param>
/// <param name="Cited">The records; a citation that does not hold is none of them.</param>
/// <param name="BrokenCitations">How many citations name what is not there or quote what does not stand there.</param>
internal sealed record Claim(string Text, string? Tool, IReadOnlyList<CitedRecord> Cited, int BrokenCitations = 0);

/// <summary>A record as a claim cites it: what was shown of it, and the place in the stored bytes.</summary>
/// <param name="Kind">The kind of record, such as the name of a detector.</param>
/// <param name="Node">The span it was read from, or null.</param>
/// <param name="Text">What it says, in a sentence of ours.</param>
/// <param name="Words">The stored words that were shown with it.</param>
/// <param name="Quote">The words that the citation copies, or null.</param>
/// <param name="Pointer">The JSON pointer that it follows, or null.</param>
/// <param name="Value">What stands at that pointer, or null.</param>
internal sealed record CitedRecord(
    string Kind, SpanNode? Node, string Text, string Words, string? Quote = null, string? Pointer = null, string? Value = null)
{
    /// <summary>The tool under whose name it was shown; by default that of its span.</summary>
    public string? Tool { get; init; } = Node?.Tool;
}

/// <summary>How far a claim holds, and why not further.</summary>
internal sealed record ClaimVerdict(StatementLevel Level, IReadOnlyList<string> Why);

/// <summary>Something that speaks against a claim.</summary>
/// <param name="Refutes">Whether the claim contradicts the records or says what none of those it cites does; else it is only not proven.</param>
/// <param name="Why">What it is, in a few words.</param>
internal sealed record Doubt(bool Refutes, string Why)
{
    public static Doubt Refuted(string why) => new(true, why);

    public static Doubt Unproven(string why) => new(false, why);
}
