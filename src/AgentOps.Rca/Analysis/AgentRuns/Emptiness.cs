using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Results with nothing in them.</summary>
internal static class Emptiness
{
    private static readonly string[] ListMembers =
        ["results", "items", "data", "hits", "matches", "documents", "rows", "records", "entries", "list", "values", "docs", "passages"];

    // What stands beside a record, or is a part of one.
    private static readonly string[] Remarks =
    [
        "errors", "warnings", "messages", "notes", "hints", "filters", "facets", "sort", "fields", "columns",
        "tags", "labels", "children", "comments", "attachments", "roles", "permissions", "features", "options", "links", "aliases", "categories", "flags", "metadata",
    ];

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
                if (lists.Count == 0 && !MethodVersion.IsBefore(5))
                {
                    return OfOtherName(result);
                }

                return lists.Count == 0 || lists.Exists(name => result.GetProperty(name).GetArrayLength() > 0) ? null : JsonPointers.Step(lists[0]);
            default:
                return null;
        }
    }

    // {"flights":[],"total":0}: all that it lists is empty, whatever it is called, and nothing is counted.
    private static string? OfOtherName(JsonElement result)
    {
        string? first = null;
        foreach (var member in result.EnumerateObject().Where(static member => Array.IndexOf(Remarks, member.Name) < 0))
        {
            switch (member.Value.ValueKind)
            {
                case JsonValueKind.Array when member.Value.GetArrayLength() == 0:
                    first ??= member.Name;
                    break;
                case JsonValueKind.Array or JsonValueKind.Object or JsonValueKind.True:
                case JsonValueKind.Number when member.Value.GetRawText() != "0" && ToolWords.Of(member.Name) is not ([.., "limit" or "page" or "offset" or "size" or "ms" or "seconds" or "took" or "status"]):
                case JsonValueKind.String when member.Value.GetString() is { Length: > 0 } && ToolWords.Of(member.Name) is not ([.., "status" or "query" or "message" or "note" or "id" or "date" or "from" or "to" or "q"]):
                    return null;
            }
        }

        return first is null ? null : JsonPointers.Step(first);
    }
}
