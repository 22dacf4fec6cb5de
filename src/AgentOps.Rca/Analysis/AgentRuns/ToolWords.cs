using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>What a tool does, as far as its name tells.</summary>
internal static partial class ToolWords
{
    private static readonly HashSet<string> Writing = new(StringComparer.OrdinalIgnoreCase)
    {
        "activate", "add", "adjust", "apply", "approve", "archive", "assign", "attach", "block", "book", "buy", "cancel", "change", "charge", "close", "commit", "confirm", "create", "credit",
        "deactivate", "debit", "decline", "deduct", "delete", "deploy", "detach", "disable", "dispatch", "downgrade", "drop", "edit", "email", "enable", "enroll", "escalate", "exchange", "execute",
        "file", "forward", "freeze", "grant", "import", "insert", "invite", "issue", "kill", "launch", "link", "lock", "mail", "merge", "modify", "move", "notify", "open", "order", "patch", "pause",
        "pay", "place", "post", "provision", "publish", "purchase", "push", "put", "rebook", "redeem", "redirect", "refund", "register", "reject", "release", "remove", "rename", "renew", "replace",
        "reply", "reschedule", "reserve", "reset", "restart", "restore", "resume", "return", "revoke", "rollback", "save", "schedule", "sell", "send", "set", "share", "ship", "stop", "store",
        "submit", "subscribe", "suspend", "switch", "terminate", "text", "transfer", "trigger", "unblock", "unlock", "unsubscribe", "update", "upgrade", "upload", "upsert", "withdraw", "write",
    };

    private static readonly HashSet<string> WritingToo = new(StringComparer.OrdinalIgnoreCase)
    {
        "ban", "clear", "destroy", "donate", "drain", "erase", "migrate", "promote", "purge", "recreate", "scale", "swap", "trade", "uninstall", "unlink", "wipe",
    };

    private static readonly HashSet<string> Opened = new(StringComparer.OrdinalIgnoreCase)
    {
        "browser", "doc", "document", "file", "folder", "image", "link", "page", "pdf", "result", "site", "tab", "url", "webpage", "website",
    };

    // Verbs that are nouns, too: an order's history is read, a refund's rules are, though "order" and "refund" alone change something.
    private static readonly HashSet<string> Nouns = new(StringComparer.OrdinalIgnoreCase)
    {
        "book", "charge", "credit", "exchange", "file", "import", "issue", "order", "patch", "purchase", "refund", "release", "return", "schedule", "store", "transfer", "upgrade",
    };

    private static readonly HashSet<string> ReadAbout = new(StringComparer.OrdinalIgnoreCase)
    {
        "availability", "count", "detail", "details", "eligibility", "history", "info", "information", "list", "log", "logs", "lookup", "metadata", "options", "overview", "policy", "policies", "preview",
        "query", "quote", "reader", "rules", "search", "state", "statistics", "stats", "status", "summary", "terms", "total", "totals",
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
        var words = Of(name);
        if (words.Count > 1 && ReadAbout.Contains(words[^1]) && Nouns.Contains(words[0]))
        {
            return false;
        }

        // To open a page is to read it, where to open an account is to make one.
        if (words is ["open", .., var opened] && Opened.Contains(opened) && !MethodVersion.IsBefore(5))
        {
            return false;
        }

        foreach (var word in words)
        {
            if (IsReading(word))
            {
                return false;
            }

            if (IsWriting(word))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsReading(string word) => Reading.Contains(word) || (ReadingElsewhere.Contains(word) && !MethodVersion.IsBefore(5));

    private static bool IsWriting(string word) => Writing.Contains(word) || ((WritingToo.Contains(word) || WritingElsewhere.Contains(word)) && !MethodVersion.IsBefore(5));

    /// <summary>Whether it looks something up, so that a result with nothing in it says something.</summary>
    public static bool LooksUp(string name) => Of(name) is { Count: > 0 } words && !words.Contains("think") && !Writes(name) && words.Any(IsReading);

    /// <summary>Whether a word of a name only says that something is read: tools that share no more than it need not be about the same.</summary>
    public static bool IsCommonVerb(string word) => Reading.Contains(word) && !word.Equals("search", StringComparison.OrdinalIgnoreCase) && !word.Equals("quote", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a verb without its ending is one that changes something.</summary>
    public static bool IsWritingStem(string stem) => stem.Length > 2 && (Writing.Contains(stem) || Writing.Contains(stem + "e"));

    /// <summary>The words that say what it is about, without the verb: <c>address</c> in <c>modify_pending_order_address</c>.</summary>
    public static IEnumerable<string> Subjects(string name) => Of(name).Where(word => word.Length > 3 && !Writing.Contains(word) && !Reading.Contains(word));

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
