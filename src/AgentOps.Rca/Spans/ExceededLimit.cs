using System.Text.Json;

namespace AgentOps.Rca.Spans;

/// <summary>That a call took longer than its own attributes say it was given.</summary>
/// <param name="Member">The attribute that names the limit, such as <c>timeout_ms</c>.</param>
/// <param name="Nanoseconds">The limit.</param>
public sealed record ExceededLimit(string Member, double Nanoseconds)
{
    private static readonly (string Member, double Nanoseconds)[] Limits =
        [("deadline_ms", 1e6), ("timeout_ms", 1e6), ("time_budget_ms", 1e6), ("budget_ms", 1e6), ("timeout_s", 1e9), ("timeout_seconds", 1e9), ("deadline_seconds", 1e9)];

    /// <summary>Reads the limit that a call exceeded.</summary>
    /// <param name="attributes">The span's attributes.</param>
    /// <param name="durationNs">How long it took, in nanoseconds.</param>
    /// <returns>The limit, or null when none is named or all were kept.</returns>
    public static ExceededLimit? Read(JsonElement attributes, long durationNs)
    {
        if (attributes.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var (member, nanoseconds) in Limits)
        {
            if (attributes.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number
                && value.TryGetDouble(out var limit) && limit > 0 && durationNs > limit * nanoseconds)
            {
                return new ExceededLimit(member, limit * nanoseconds);
            }
        }

        return null;
    }
}
