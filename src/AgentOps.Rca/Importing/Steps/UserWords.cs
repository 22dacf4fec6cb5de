using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Importing.Steps;

/// <summary>
/// How files say that it was the user who did not let a call run, or stopped it: such a call is no failure of the tool, though its result is
/// marked as an error.
/// </summary>
internal static partial class UserWords
{
    /// <summary>The user did not let the call run.</summary>
    public const string Rejected = "user_rejected";

    /// <summary>The user stopped it while it ran.</summary>
    public const string Cancelled = "cancelled";

    // What a program says for itself is short; a longer result is the tool's own, whatever it quotes.
    private const int LongestAbort = 300;

    /// <summary>Whether a message of a session of Claude Code says that the user stopped the run.</summary>
    public static bool IsInterruption(string? text) => text is not null && text.StartsWith("[Request interrupted by user", StringComparison.Ordinal);

    /// <summary>How a call of Claude Code was ended by the user; null when it was not.</summary>
    /// <param name="content">Its result.</param>
    /// <param name="isError">Whether the result is marked as an error.</param>
    /// <param name="note">What the program notes of the result beside it.</param>
    public static string? OfClaudeCode(string? content, bool isError, JsonElement? note) =>
        !isError || content is null ? null
        : content.Contains("[Request interrupted by user", StringComparison.Ordinal) ? Cancelled
        : content.StartsWith("The user doesn't want to ", StringComparison.Ordinal) || (note is { ValueKind: JsonValueKind.String } said && ImportJson.TextOf(said) is "User rejected tool use" or "Error: User rejected tool use") ? Rejected
        : null;

    /// <summary>How a call of Codex was ended by the user; null when it was not.</summary>
    /// <param name="content">Its result.</param>
    public static string? OfCodex(string? content) =>
        content is not { Length: > 0 and <= LongestAbort } ? null
        : AbortedByUser().IsMatch(content) ? Cancelled
        : RejectedByUser().IsMatch(content) ? Rejected
        : null;

    /// <summary>That the run ended with it, in a sentence.</summary>
    public static string Sentence(string outcome, string tool) => outcome == Rejected ? $"The user rejected the call of {tool}." : $"The user stopped the call of {tool}.";

    [GeneratedRegex("""^(?:Wall time: [^\n]*\n)?aborted(?: by (?:the )?user\b[^\n]*)?\s*$|^\s*\{\s*"output"\s*:\s*"aborted(?: by (?:the )?user[^"]*)?"\s*[,}]""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AbortedByUser();

    [GeneratedRegex("""^[^\n]{0,120}\b(?:rejected by (?:the )?user|user rejected)\b[^\n]*\s*$""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex RejectedByUser();
}
