using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>What a result says but for what differs from call to call in any case: how long it took, when it was made, and the names of the request.</summary>
internal static partial class SteadyKey
{
    private const int MostText = 200_000;

    /// <summary>Two results with the same key say the same.</summary>
    public static string? Of(ToolStep call)
    {
        if (call.Result is not { } result)
        {
            return null;
        }

        return MethodVersion.IsBefore(5) || result.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) || result.Text.Length > MostText || !Passing().IsMatch(result.Text)
            ? result.Key
            : Passing().Replace(result.Key, "");
    }

    // A member of an object in canonical form, with the comma that stands on one side of it.
    [GeneratedRegex(@"""(?:took(?:_?ms|_?s)?|duration(?:_?ms|_?s)?|elapsed(?:_?ms|_?s)?|latency(?:_?ms)?|response_?time(?:_?ms)?|dauer(?:_?ms)?|request_?id|trace(?:_?id)?|span_?id|correlation_?id|timestamp|generated_?at|retrieved_?at|fetched_?at|server_?time|etag|nonce)""\s*:\s*(?:""(?:[^""\\]|\\.)*""|-?[\d.eE+-]+|null)\s*,?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Passing();
}
