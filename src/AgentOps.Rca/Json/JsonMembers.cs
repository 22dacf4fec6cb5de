using System.Text.Json;

namespace AgentOps.Rca.Json;

/// <summary>Reads members of JSON that others wrote, which may be anything.</summary>
internal static class JsonMembers
{
    /// <summary>The text of a member; null where there is no object, no such member, or another kind of value.</summary>
    public static string? TextOf(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    /// <summary>The same, and null for an empty text, too.</summary>
    public static string? FilledTextOf(this JsonElement value, string name) => value.TextOf(name) is { Length: > 0 } text ? text : null;
}
