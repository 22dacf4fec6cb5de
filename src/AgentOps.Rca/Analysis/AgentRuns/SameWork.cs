using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Whether a later call did what a failed one was to do. The name of a tool alone does not say it: a shell runs anything, and the next record of a
/// batch is not the one that failed.
/// </summary>
internal static partial class SameWork
{
    private const int MostText = 200;
    private static readonly string[] PathMembers = ["path", "file", "file_path", "filePath", "filename", "file_name", "notebook_path", "uri", "url"];
    private static readonly string[] AgentMembers = ["agent", "agent_name", "agentName", "subagent_type", "subagent", "assistant", "worker", "recipient_agent"];

    /// <summary>Whether the later call did the failed one's work.</summary>
    /// <param name="failed">The call that failed.</param>
    /// <param name="later">A call after it that succeeded.</param>
    /// <param name="asked">What the users said before it, in which a name may stand that was meant.</param>
    public static bool Is(ToolStep failed, ToolStep later, Lazy<string> asked)
    {
        var (own, others) = (failed.Commands, later.Commands);
        if (own.Count > 0 && others.Count > 0)
        {
            // What came before the last one in a chain led to it, or would have stopped the chain.
            return others.Contains(own[^1]);
        }

        if (later.Tool != failed.Tool || own.Count != others.Count)
        {
            return false;
        }

        if (failed.Arguments is null || later.Arguments is null || failed.Arguments.Key == later.Arguments.Key)
        {
            return true;
        }

        if (AgentOf(failed.Arguments) is { } agent && AgentOf(later.Arguments) is { } other && agent != other)
        {
            return false;
        }

        var targets = failed.Targets;
        return targets.Count == 0 || later.Targets.Any(target => targets.Any(name => IsLike(name, target) || IsOfSameHost(name, target)))
            || (IsWrongValue(failed.Failure!) && !targets.Any(target => asked.Value.Contains(target, StringComparison.OrdinalIgnoreCase)));
    }

    // The very value was refused: another one in its place is the same call put right, unless a user had named the first.
    private static bool IsWrongValue(StepFailure failure) =>
        Evidence.ErrorClasses.IsCallersFault(failure.Category) || Wrong().IsMatch(failure.Words);

    // One is written in the other: CB-104882 and 104882, src/a.py and /repo/src/a.py.
    private static bool IsLike(string left, string right)
    {
        var (part, whole) = left.Length <= right.Length ? (left, right) : (right, left);
        return whole.EndsWith(part, StringComparison.OrdinalIgnoreCase) && (part.Length == whole.Length || !char.IsLetterOrDigit(whole[^(part.Length + 1)]));
    }

    // What one page of a site refuses, another one or its API tells.
    private static bool IsOfSameHost(string left, string right) => Uri.TryCreate(left, UriKind.Absolute, out var one) && Uri.TryCreate(right, UriKind.Absolute, out var other)
        && one.Host.Length > 0 && one.Scheme is "http" or "https" && one.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase);

    private static string? AgentOf(Payload arguments) => arguments.Value.ValueKind != JsonValueKind.Object ? null
        : Array.ConvertAll(AgentMembers, name => arguments.Value.FilledTextOf(name)).FirstOrDefault(static name => name is not null);

    /// <summary>What names a record or a file in the arguments of a call; long texts and code hold such words without being about them.</summary>
    public static HashSet<string> TargetsIn(ToolStep tool)
    {
        const int most = 2_000;
        HashSet<string> targets = new(StringComparer.OrdinalIgnoreCase);
        if (tool.Arguments is not { } arguments)
        {
            return targets;
        }

        var open = new Queue<(string Name, JsonElement Value)>([("", arguments.Value)]);
        for (var i = 0; i < most && open.TryDequeue(out var at); i++)
        {
            switch (at.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in at.Value.EnumerateObject())
                    {
                        open.Enqueue((member.Name, member.Value));
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var item in at.Value.EnumerateArray())
                    {
                        open.Enqueue((at.Name, item));
                    }

                    break;
                case JsonValueKind.String or JsonValueKind.Number when at.Value.ToString() is { Length: > 0 and <= MostText } text:
                    if (Array.IndexOf(PathMembers, at.Name) >= 0)
                    {
                        targets.Add(text.TrimEnd('/'));
                    }
                    else
                    {
                        targets.UnionWith(Identifiers.In(text));
                    }

                    break;
            }
        }

        return targets;
    }

    [GeneratedRegex(@"\b(?:invalid|validation|not a valid|unknown|unrecogni[sz]ed|unsupported|malformed|not found|no such|does not exist|must be|expected)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Wrong();
}
