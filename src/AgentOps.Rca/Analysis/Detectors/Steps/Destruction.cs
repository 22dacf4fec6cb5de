using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>What a call takes away for good: files that a shell removes, tables and rows that SQL drops or deletes, records of a tool that deletes.</summary>
/// <param name="Words">The words of the call that say so: part of a command or of a statement; the tool's name where that says it.</param>
/// <param name="IsOfFiles">Whether they are files that a shell removes.</param>
internal sealed partial record Destruction(string Words, bool IsOfFiles = false)
{
    private const int MostText = 20_000;
    private static readonly string[] Statements = ["sql", "query", "statement", "statements", "queries", "command", "cql", "cypher"];
    private static readonly HashSet<string> Verbs = new(StringComparer.Ordinal) { "delete", "remove", "drop", "erase", "purge", "wipe", "destroy", "truncate", "trash" };

    // Taken off something that stays.
    private static readonly HashSet<string> Attached = new(StringComparer.Ordinal)
    {
        "label", "labels", "tag", "tags", "filter", "filters", "reaction", "cart", "background", "breakpoint", "watermark", "selection", "highlight", "formatting", "bookmark", "duplicates", "whitespace", "item", "todo", "pii", "alarm", "reminder",
    };

    private static readonly HashSet<string> Commands =
    [
        "rm", "rmdir", "unlink", "shred", "srm", "git rm", "git clean", "dropdb", "kubectl delete", "oc delete", "docker rm", "docker rmi", "docker volume", "terraform destroy", "tofu destroy", "pulumi destroy", "helm uninstall", "aws s3 rm",
        "aws s3 rb", "gh repo delete", "find", "xargs",
    ];

    /// <summary>What a call took away, or null: it changed nothing, or only tried what it would do.</summary>
    public static Destruction? Of(ToolStep call)
    {
        if (call.Failure is not null || call.IsHandoff || (call.Arguments is { } given && DryRun().IsMatch(given.Text)))
        {
            return null;
        }

        if (CommandCall.TextOf(call) is { } text && call.Commands.Count > 0)
        {
            if (Removes().Match(text) is { Success: true } removal && (call.Commands.Any(Commands.Contains) || removal.Groups["piped"].Success))
            {
                return new Destruction(removal.Groups["words"].Value.Trim(), IsOfFiles: true);
            }

            return Client().IsMatch(text) && Sql().Match(text) is { Success: true } sql ? new Destruction(sql.Groups["words"].Value.Trim()) : null;
        }

        if (call.Arguments is { Value.ValueKind: JsonValueKind.Object } arguments && !Searches().IsMatch(call.Tool))
        {
            foreach (var member in arguments.Value.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String && Array.IndexOf(Statements, member.Name.ToLowerInvariant()) >= 0))
            {
                if (member.Value.GetString() is { Length: <= MostText } statement && Sql().Match(statement) is { Success: true } sql)
                {
                    return new Destruction(sql.Groups["words"].Value.Trim());
                }
            }
        }

        var words = ToolWords.Of(call.Tool);
        return ToolWords.Writes(call.Tool) && words.Any(Verbs.Contains) && !words.Any(Attached.Contains) ? new Destruction(call.Tool) : null;
    }

    /// <summary>What a text of SQL takes away, or null.</summary>
    public static string? In(string text) => Sql().Match(text) is { Success: true } sql ? sql.Groups["words"].Value.Trim() : null;

    [GeneratedRegex(@"--dry[-_]?run\b|""dry_?run""\s*:\s*true|--whatif\b|\bgit clean\s+-\w*n|--help\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DryRun();

    [GeneratedRegex(
        @"(?:^|[;&|\n(]\s*|\b(?:sudo|then|do|exec)\s+(?:-\S+\s+)*)(?<words>(?:rm|rmdir|unlink|shred|srm|git\s+rm|git\s+clean|dropdb|kubectl\s+delete|oc\s+delete|docker\s+(?:rm|rmi|volume\s+(?:rm|prune))|terraform\s+destroy|tofu\s+destroy|pulumi\s+destroy|helm\s+uninstall|aws\s+s3\s+r[mb]|gh\s+repo\s+delete)\s[^;&|\n<>]+)"
        + @"|(?<piped>\|\s*(?:sudo\s+)?(?<words>xargs\s+(?:-\S+\s+)*rm\b[^;&|\n]*))|(?<words>\bfind\s[^;&|\n]*(?:-delete\b|-exec\s+rm\b)[^;&|\n]*)",
        RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Removes();

    [GeneratedRegex(@"\b(?:psql|mysql|mariadb|sqlite3|sqlcmd|duckdb|clickhouse-client|cockroach|bq|sqlplus|pg:psql|cqlsh|snowsql)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Client();

    // Where a statement begins, so that words inside another statement's text are none.
    [GeneratedRegex(@"(?:^|[;'""(\n\d\t]|\bBEGIN\b;?)\s*(?<words>(?:DROP\s+(?:TABLE|DATABASE|SCHEMA|VIEW|MATERIALIZED\s+VIEW|COLLECTION|KEYSPACE)|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|ALTER\s+TABLE\s+[\w.""]+\s+DROP(?:\s+COLUMN)?)\s+[\w.""`\[\]]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sql();

    [GeneratedRegex(@"search|grep|docs?\b|google|browse|translate|explain|lint", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Searches();
}
