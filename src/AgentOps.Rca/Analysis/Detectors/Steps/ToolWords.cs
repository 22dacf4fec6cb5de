using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>What a tool does, as far as its name tells.</summary>
internal static partial class ToolWords
{
    private static readonly HashSet<string> Writing = new(StringComparer.OrdinalIgnoreCase)
    {
        "add", "apply", "approve", "assign", "book", "cancel", "charge", "close", "commit", "confirm", "create", "debit", "delete", "deploy", "disable", "dispatch", "email", "enable",
        "exchange", "execute", "file", "import", "insert", "issue", "mail", "merge", "modify", "move", "notify", "open", "order", "pay", "place", "post", "publish", "push", "put", "refund",
        "register", "release", "remove", "rename", "renew", "reserve", "reset", "restart", "return", "revoke", "rollback", "save", "schedule", "send", "set", "ship", "store", "submit", "text",
        "transfer", "update", "upload", "upsert", "withdraw", "write",
    };

    private static readonly HashSet<string> Reading = new(StringComparer.OrdinalIgnoreCase)
    {
        "calculate", "check", "count", "describe", "fetch", "find", "get", "inspect", "list", "load", "lookup", "look", "peek", "query", "quote", "read", "retrieve", "scan", "search", "select", "show", "status", "think", "validate", "view",
    };

    /// <summary>The words of a name: <c>chargeCard</c> and <c>charge_card</c> are both charge and card.</summary>
    public static IReadOnlyList<string> Of(string name) => [.. Word().Matches(name).Select(match => match.Value.ToLowerInvariant())];

    /// <summary>Whether it changes something in the world, as its first telling word says.</summary>
    public static bool Writes(string name)
    {
        foreach (var word in Of(name))
        {
            if (Reading.Contains(word))
            {
                return false;
            }

            if (Writing.Contains(word))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it looks something up, so that a result with nothing in it says something.</summary>
    public static bool LooksUp(string name) => Of(name) is { Count: > 0 } words && !words.Contains("think") && !Writes(name) && words.Any(Reading.Contains);

    /// <summary>The words that say what it is about, without the verb: <c>address</c> in <c>modify_pending_order_address</c>.</summary>
    public static IEnumerable<string> Subjects(string name) => Of(name).Where(word => word.Length > 3 && !Writing.Contains(word) && !Reading.Contains(word));

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
