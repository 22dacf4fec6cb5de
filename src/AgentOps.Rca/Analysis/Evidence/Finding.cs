using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>
/// Something a detector found that may be the cause, or may have come of it. Its sentences are one line each, whatever names are in them.
/// </summary>
public sealed record Finding
{
    /// <summary>The detector's word for it, such as <c>error_origin</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The class of the cause, such as <c>rate_limited</c>.</summary>
    public required string Category { get; init; }

    /// <summary>
    /// Where it lies: a service, or a tool where spans name no service; for a step of an agent <c>step:</c> and the id of its span. Findings of one
    /// place make one hypothesis.
    /// </summary>
    public required string Place { get; init; }

    /// <summary>The tool it was seen at.</summary>
    public required string Tool { get; init; }

    /// <summary>The class of the error without ids, or null.</summary>
    public string? ErrorClass { get; init; }

    /// <summary>How strongly it speaks for a cause, from 0. About 1 is worth a look, above 2 is plain.</summary>
    public required double Strength { get; init; }

    /// <summary>From how many calls a statistic was made; null when it is no statistic but was seen as it is.</summary>
    public int? Sample { get; init; }

    /// <summary>What kind of proof it rests on; null for a statistic or a pattern, whose <see cref="Strength"/> alone counts.</summary>
    public Proof? Proof { get; init; }

    /// <summary>The ids of spans at which only its consequences show; what is found there is a symptom of this.</summary>
    public IReadOnlyCollection<string> Explains { get; init; } = [];

    /// <summary>When it began to show, in nanoseconds since 1970-01-01 UTC.</summary>
    public required long AtNs { get; init; }

    /// <summary>What is the matter, in a sentence.</summary>
    public required string Cause { get; init => field = Words.OneLine(value); }

    /// <summary>What to do about it, in a sentence.</summary>
    public string? Recommendation { get; init => field = value is null ? null : Words.OneLine(value); }

    /// <summary>What made it worse, in sentences.</summary>
    public IReadOnlyList<string> Factors { get; init => field = [.. value.Select(Words.OneLine)]; } = [];

    /// <summary>What it rests on.</summary>
    public required IReadOnlyList<Fact> Facts { get; init; }
}

/// <summary>On what a finding about an agent's step rests, the strongest first.</summary>
public enum Proof
{
    /// <summary>The records say it themselves: a tool that was not offered, arguments that break a schema, a finish reason.</summary>
    Certain,

    /// <summary>Two records together show why the one led to the other.</summary>
    Causal,

    /// <summary>A value or a statement stands in no record that could have given it.</summary>
    Provenance,

    /// <summary>A step failed, and nothing made it good.</summary>
    Failure,

    /// <summary>A step took the time.</summary>
    Time,

    /// <summary>A sign that may mean nothing; it never carries a verdict.</summary>
    Hint,
}

/// <summary>A fact and the place where it stands.</summary>
/// <param name="SpanId">The span.</param>
/// <param name="Text">What it says, in a sentence.</param>
/// <param name="Pointer">A JSON pointer into the artifact when there is one, else into the span's canonical form; null when words are quoted.</param>
/// <param name="Artifact">The artifact, or null when the fact stands in the span.</param>
/// <param name="Quote">The words, letter for letter, or null.</param>
public sealed record Fact(string SpanId, string Text, string? Pointer, ArtifactDigest? Artifact = null, string? Quote = null)
{
    /// <summary>What it says, in a sentence.</summary>
    public string Text { get; init => field = Words.OneLine(value); } = Words.OneLine(Text);
}
