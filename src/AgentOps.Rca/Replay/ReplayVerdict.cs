using System.Text.Json.Serialization;

namespace AgentOps.Rca.Replay;

/// <summary>What a replay proves.</summary>
public enum ReplayVerdict
{
    /// <summary>Every recorded byte is there and unchanged, and every report came out again, byte for byte.</summary>
    [JsonStringEnumMemberName("reproduced")]
    Reproduced,

    /// <summary>Something recorded is not what it was, or a report came out differently.</summary>
    [JsonStringEnumMemberName("diverged")]
    Diverged,

    /// <summary>Something recorded is missing, so nothing can be said of it.</summary>
    [JsonStringEnumMemberName("incomplete")]
    Incomplete,
}
