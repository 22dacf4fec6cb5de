using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Results with nothing in them.</summary>
internal static class Emptiness
{
    private static readonly string[] ListMembers =
        ["results", "items", "data", "hits", "matches", "documents", "rows", "records", "entries", "list", "values", "docs", "passages"];

    /// <summary>The JSON pointer to what is empty, or null when the value holds something.</summary>
    public static string? Of(JsonElement result)
    {
        switch (result.ValueKind)
        {
            case JsonValueKind.Null or JsonValueKind.Undefined:
            case JsonValueKind.Array when result.GetArrayLength() == 0:
            case JsonValueKind.Object when result.GetPropertyCount() == 0:
            case JsonValueKind.String when string.IsNullOrWhiteSpace(result.GetString()):
                return "";
            case JsonValueKind.Object:
                // One list with something in it is an answer, whatever the others hold.
                var lists = ListMembers.Where(name => result.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array).ToList();
                return lists.Count == 0 || lists.Exists(name => result.GetProperty(name).GetArrayLength() > 0) ? null : JsonPointers.Step(lists[0]);
            default:
                return null;
        }
    }
}
