using System.Text.Json.Serialization;

namespace AgentOps.Rca.Analysis;

/// <summary>A sentence of a language model, and how far code could follow it.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Level">How far code could follow it; a refused sentence is dropped and only counted.</param>
public sealed record RcaStatement(string Text, StatementLevel Level)
{
    /// <summary>The ids of the <see cref="RcaReport.Evidence"/> that it cites.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>What code could not follow, in a few words; null when there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Why { get; init; }
}

/// <summary>How many sentences of a language model were of each level.</summary>
/// <param name="Quoted">Verbatim words of the records.</param>
/// <param name="Carried">Followed by code in every figure, name, negation and order.</param>
/// <param name="Reading">The model's own words, shown as such.</param>
/// <param name="Refused">Dropped.</param>
public sealed record RcaStatementCounts(int Quoted, int Carried, int Reading, int Refused);
