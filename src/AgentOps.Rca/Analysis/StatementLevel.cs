using System.Text.Json.Serialization;

namespace AgentOps.Rca.Analysis;

/// <summary>How far code could follow what a language model says.</summary>
public enum StatementLevel
{
    /// <summary>It contradicts the records, cites what is not there, obeys an instruction, or speaks of what it does not cite.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>The model's own words: cited, but not provable by code. Never a cause, and never a ground for a verdict.</summary>
    [JsonStringEnumMemberName("reading")]
    Reading,

    /// <summary>Every figure, name, id, tool, negation and order in it follows from what it cites.</summary>
    [JsonStringEnumMemberName("carried")]
    Carried,

    /// <summary>Verbatim words of the records.</summary>
    [JsonStringEnumMemberName("quoted")]
    Quoted,
}
