using System.Text.Json.Serialization;

namespace AgentOps.Rca.Approvals;

/// <summary>What a person decided.</summary>
public enum ApprovalDecision
{
    /// <summary>The report is signed off.</summary>
    [JsonStringEnumMemberName("approved")]
    Approved,

    /// <summary>The report is turned down.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,
}
