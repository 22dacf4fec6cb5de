using System.Text.Json.Serialization;

namespace AgentOps.Rca.Approvals;

/// <summary>Something about the record of a decision that a reader must know.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="SpanId">The span of the decision.</param>
/// <param name="Message">The finding in a sentence.</param>
public sealed record DecisionFinding(DecisionFindingKind Kind, string SpanId, string Message)
{
    /// <summary>Whether somebody has tampered with the record; a decision without a signature may only be an old one.</summary>
    [JsonIgnore]
    public bool IsFault => Kind != DecisionFindingKind.Unsigned;
}

/// <summary>What was found about a decision.</summary>
public enum DecisionFindingKind
{
    /// <summary>It carries no signature: it was made before decisions were signed, or by somebody else.</summary>
    [JsonStringEnumMemberName("unsigned")]
    Unsigned,

    /// <summary>It is not as it was signed.</summary>
    [JsonStringEnumMemberName("changed")]
    Changed,

    /// <summary>No host that is trusted here has made it.</summary>
    [JsonStringEnumMemberName("forged")]
    Forged,

    /// <summary>It was made, and is gone.</summary>
    [JsonStringEnumMemberName("removed")]
    Removed,
}
