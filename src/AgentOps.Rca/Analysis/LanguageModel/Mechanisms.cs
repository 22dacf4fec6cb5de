using AgentOps.Rca.Analysis.LanguageModel.Claims;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// The classes of causes that a model may choose from, with the meanings that what it cites must have for code to follow the choice; where
/// there are none, code cannot follow it.
/// </summary>
internal static class Mechanisms
{
    public const string Other = "other";

    private static readonly Dictionary<string, Meanings> Known = new(StringComparer.Ordinal)
    {
        ["access_denied"] = Meanings.Access | Meanings.Refusal | Meanings.Expired,
        ["bad_arguments"] = Meanings.Invalid | Meanings.Missing | Meanings.Wrong,
        ["budget_exceeded"] = Meanings.Limit,
        ["conflict"] = Meanings.Refusal | Meanings.Failure,
        ["content_filter"] = Meanings.Filtered,
        ["context_length"] = Meanings.Limit,
        ["crash"] = Meanings.Crashed | Meanings.Aborted,
        ["deadline_exceeded"] = Meanings.TimedOut,
        ["duplicate_effect"] = Meanings.Repeated,
        ["empty_result"] = Meanings.Empty | Meanings.Missing,
        ["error"] = Meanings.Failure | Meanings.Error,
        ["error_ignored"] = Meanings.Failure | Meanings.Error | Meanings.Refusal,
        ["inconsistent_results"] = Meanings.None,
        ["invented_value"] = Meanings.None,
        ["loop"] = Meanings.Loop | Meanings.Repeated,
        ["message_dropped"] = Meanings.None,
        ["not_found"] = Meanings.Missing | Meanings.Empty,
        ["policy_violation"] = Meanings.None,
        ["prompt_injection"] = Meanings.Instruction,
        ["rate_limited"] = Meanings.RateLimited,
        ["schema_drift"] = Meanings.Changed,
        ["server_error"] = Meanings.Failure | Meanings.Error,
        ["slow"] = Meanings.None,
        ["stale_data"] = Meanings.Old,
        ["timeout"] = Meanings.TimedOut,
        ["truncated_output"] = Meanings.Truncated,
        ["turn_limit"] = Meanings.Limit,
        ["unknown_tool"] = Meanings.Missing,
        ["unreachable"] = Meanings.Unavailable,
        ["wrong_answer"] = Meanings.None,
        [Other] = Meanings.None,
    };

    public static IReadOnlyCollection<string> All => Known.Keys;

    public static bool Contains(string mechanism) => Known.ContainsKey(mechanism);

    /// <summary>Whether it is about how long something took.</summary>
    public static bool IsOfTime(string mechanism) => mechanism is "slow" or "timeout" or "deadline_exceeded";

    /// <summary>Whether the words that are cited speak of it.</summary>
    public static bool IsCarried(string mechanism, Meanings meanings) =>
        Known.TryGetValue(mechanism, out var carriers) && (carriers & meanings) != 0;
}
