using System.Text.RegularExpressions;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>
/// Classes of errors. Read from the HTTP status, else from the type of the exception or the code of the error, else from whole words of the
/// message; source code and stack traces in a message decide nothing.
/// </summary>
internal static partial class ErrorClasses
{
    private static readonly (string Category, Regex Words)[] ByType =
    [
        ("context_length", ContextType()), ("rate_limited", RateType()), ("timeout", TimeoutType()), ("budget_exceeded", BudgetType()), ("access_denied", AccessType()),
        ("not_found", NotFoundType()), ("bad_arguments", ArgumentsType()), ("unreachable", UnreachableType()),
    ];

    private static readonly (string Category, Regex Words)[] ByWords =
    [
        ("context_length", ContextWords()), ("turn_limit", TurnWords()), ("content_filter", FilterWords()), ("rate_limited", RateWords()), ("timeout", TimeoutWords()),
        ("budget_exceeded", BudgetWords()), ("access_denied", AccessWords()), ("conflict", ConflictWords()), ("bad_arguments", ArgumentsWords()),
        ("not_found", NotFoundWords()), ("unreachable", UnreachableWords()),
    ];

    public static string CategoryOf(SpanFailure failure)
    {
        var words = WithoutCode(ErrorText.Clean(failure.Message));

        // A provider says what a bare 400 means: too much text, or text it will not take.
        var told = ByText(words, failure.HttpStatus is 400 or 413 ? 3 : 0);
        return failure.HttpStatus switch
        {
            429 => "rate_limited",
            408 or 504 => "timeout",
            401 or 403 or 407 => "access_denied",
            404 or 410 => "not_found",
            409 or 412 => "conflict",
            400 or 413 when told is not null => told,
            422 when !MethodVersion.IsBefore(5) && StateWords().IsMatch(words) => "conflict",
            400 or 405 or 406 or 411 or 413 or 414 or 415 or 422 => "bad_arguments",
            502 or 503 => "unreachable",
            >= 500 => "server_error",
            _ when !MethodVersion.IsBefore(5) && DependencyWords().IsMatch($"{failure.Type} {words}") => "dependency_conflict",
            _ when !MethodVersion.IsBefore(5) && OneOfWords().IsMatch(words) => "bad_arguments",
            _ => (failure.IsTypeDerived ? null : OfType(failure.Type)) ?? OfStatusInText(words) ?? OfWords(words) ?? "error",
        };
    }

    /// <summary>Whether the one who asked is to blame rather than the one who was asked.</summary>
    public static bool IsCallersFault(string category) => category is "bad_arguments" or "not_found";

    public static string Describe(SpanFailure failure, string category)
    {
        var reason = Reason(category);
        var status = failure.HttpStatus is { } http ? Words.Invariant($"HTTP {http}") : failure.Type is { } type ? Words.Short(type, 60) : null;
        var message = ErrorText.Clean(failure.Message) is { Length: > 0 } text ? $"\"{Words.Short(text)}\"" : null;
        return (status, message) switch
        {
            (null, null) => reason,
            (null, _) => $"{reason} ({message})",
            (_, null) => $"{reason} ({status})",
            _ => $"{reason} ({status}: {message})",
        };
    }

    /// <summary>Why it failed, as the rest of a sentence.</summary>
    public static string Reason(string category) => category switch
    {
        "rate_limited" => "because its rate limit was exceeded",
        "timeout" => "because it ran out of time",
        "budget_exceeded" => "because a budget was exceeded",
        "context_length" => "because more text was sent than the model's context window holds",
        "turn_limit" => "because its limit of turns was reached",
        "content_filter" => "because a content filter stopped it",
        "access_denied" => "because access was denied",
        "not_found" => "because what was asked for does not exist",
        "conflict" => "because it conflicts with the state that it met",
        "dependency_conflict" => "because the versions that its dependencies ask for exclude each other",
        "bad_arguments" => "because its arguments were not accepted",
        "unreachable" => "because what it depends on could not be reached",
        "server_error" => "with an error of the server",
        "out_of_memory" => "because its memory ran out",
        _ => "with an error",
    };

    public static string Advice(string category, string tool) => category switch
    {
        "rate_limited" => $"Honour Retry-After and back off before calling {tool} again, spread the calls or raise the limit, and fall back to another provider when a deadline is near.",
        "timeout" => $"Give {tool} a time limit that fits the run's deadline, and decide what happens when it is reached.",
        "budget_exceeded" => $"Check the budget before {tool} is called, and shorten what is sent to it.",
        "context_length" => "Bound what tools return into the conversation, and shorten or summarise it before the next model call.",
        "turn_limit" => "Let the agent reach its goal in fewer turns (larger pages, no repeated calls), or raise the limit of turns.",
        "content_filter" => "Look at what the content filter objected to, and tell the user when an answer was stopped by it.",
        "access_denied" => $"Check the credentials and rights that {tool} is called with; do not retry until they are changed.",
        "not_found" => $"Check that what {tool} is asked for exists before it is asked, and tell the model when it does not.",
        "conflict" => $"Read the current state before {tool} is called, and do not repeat what is done already.",
        "dependency_conflict" => "Pin versions that go together, or lift what rules them out; forcing the installation only moves the failure.",
        "bad_arguments" => $"Validate the arguments of {tool} before the call, and give the refusal back to the model once instead of retrying.",
        "unreachable" => $"Check that what {tool} depends on is up, and add a circuit breaker with a fallback.",
        "out_of_memory" => $"Give {tool} more memory or less to work on at a time, and be told when its process is killed.",
        _ => $"Look into the error of {tool} at its source; retry only what is safe to repeat.",
    };

    private static string? OfType(string? type) =>
        type is { Length: > 0 } ? Array.Find(ByType, entry => entry.Words.IsMatch(type)).Category : null;

    private static string? OfStatusInText(string words) => StatusInText().Match(words) is { Success: true } match
        ? match.Groups[1].Value switch
        {
            "429" => "rate_limited",
            "408" or "504" => "timeout",
            "401" or "403" => "access_denied",
            "404" or "410" => "not_found",
            "409" or "412" => "conflict",
            "400" or "422" => ByText(words, 3) ?? (!MethodVersion.IsBefore(5) && StateWords().IsMatch(words) ? "conflict" : "bad_arguments"),
            "502" or "503" => "unreachable",
            ['5', ..] => "server_error",
            _ => null,
        }
        : null;

    private static string? OfWords(string words) =>
        ByText(words) is { } category ? category == "bad_arguments" && !MethodVersion.IsBefore(5) && StateWords().IsMatch(words) ? "conflict" : category : null;

    private static string? ByText(string text, int most = 0)
    {
        for (var i = 0; i < (most == 0 ? ByWords.Length : most); i++)
        {
            if (ByWords[i].Words.IsMatch(text))
            {
                return ByWords[i].Category;
            }
        }

        return null;
    }

    // The arguments were well, and what they met was not: "No seats left", "already exists".
    [GeneratedRegex(@"\balready[_ -]?(?:exists?|taken|registered|in use|used|a member|booked|done|processed|cancell?ed|closed)\b|\b(?:no|not enough|insufficient) (?:more )?(?:seats?|licen[cs]es?|stock|funds|balance|credits?|capacity|slots?|rooms?|places?|quota)\b|\b(?:sold out|out of stock|fully booked|quota (?:exceeded|reached)|limit (?:exceeded|reached)|in use|occupied)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex StateWords();

    private static string WithoutCode(string text) => Code().Replace(text, " ");

    private const RegexOptions Plain = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"```.*?(?:```|$)|`[^`]*`", Plain | RegexOptions.Singleline, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"(?:\bHTTP(?:/\d(?:\.\d)?)?|\bstatus(?: code)?)\W{0,3}([45]\d\d)\b|^(?:error\W{0,3})?([45]\d\d)(?=\W)", Plain, 1000)]
    private static partial Regex StatusInText();

    [GeneratedRegex(@"rate_?limit|too_?many_?requests|throttl|quota_?exceeded|insufficient_?quota|resource_?exhausted", Plain, 1000)]
    private static partial Regex RateType();

    [GeneratedRegex(@"context_?length|context_?window", Plain, 1000)]
    private static partial Regex ContextType();

    [GeneratedRegex(@"time_?d?_?out|deadline_?exceeded|TaskCanceled", Plain, 1000)]
    private static partial Regex TimeoutType();

    [GeneratedRegex(@"budget|token_?limit", Plain, 1000)]
    private static partial Regex BudgetType();

    [GeneratedRegex(@"unauthori[sz]ed|forbidden|permission|access_?denied|invalid_?(?:api_?key|token)|authentication|expired_?token|token_?expired", Plain, 1000)]
    private static partial Regex AccessType();

    [GeneratedRegex(@"not_?found|no_?such|KeyNotFound|does_?not_?exist", Plain, 1000)]
    private static partial Regex NotFoundType();

    [GeneratedRegex(@"argument|validation|schema|bad_?request|unprocessable|invalid_?(?:input|param|request|value)|FormatException|JsonException|ParseError", Plain, 1000)]
    private static partial Regex ArgumentsType();

    [GeneratedRegex(@"connection|connect_?error|unreachable|unavailable|socket|dns|ECONN|ENOTFOUND|network", Plain, 1000)]
    private static partial Regex UnreachableType();

    [GeneratedRegex(@"\bcontext[_ ](?:length|window|size)|maximum context|\btoo many tokens\b|prompt is too long|input is too long|\bcontext_length_exceeded\b", Plain, 1000)]
    private static partial Regex ContextWords();

    [GeneratedRegex(@"\bmax(?:imum)?[ _]?(?:turns|iterations|steps|rounds)\b|MaxTurnsExceeded|recursion[ _]limit|GraphRecursion|\bturn limit\b|\bstep limit\b|limit of \d+ (?:turns|steps)|maximum number of (?:turns|steps|iterations)", Plain, 1000)]
    private static partial Regex TurnWords();

    [GeneratedRegex(@"\bcontent[ _-]?(?:filter|policy|management policy)|\bcontent_filter\b|responsible ai|safety (?:system|filter|setting)", Plain, 1000)]
    private static partial Regex FilterWords();

    [GeneratedRegex(@"\brate[ _-]?limit(?:s|ed|ing)?\b|\btoo many requests\b|\b(?:exceeded|over|insufficient)\b.{0,30}\bquota\b|\bquota\b.{0,20}\b(?:exceeded|exhausted|used up|reached)\b|\bthrottl(?:ed|ing)\b|\bretry after\b", Plain, 1000)]
    private static partial Regex RateWords();

    [GeneratedRegex(@"\btime[ds]?[ -]?out\b|\btimeout\b|\btiming out\b|\bdeadline (?:exceeded|passed)\b|\btime limit\b", Plain, 1000)]
    private static partial Regex TimeoutWords();

    [GeneratedRegex(@"\bbudget (?:exceeded|exhausted)|\b(?:over|exceed(?:s|ed)?|out of) (?:the |its |a )?budget\b|\btoken limit\b|\bmax_tokens\b", Plain, 1000)]
    private static partial Regex BudgetWords();

    [GeneratedRegex(@"\bunauthori[sz]ed\b|\bforbidden\b|\bpermission(?:s)? (?:denied|required|is missing)|\baccess denied\b|\bnot (?:allowed|permitted|authori[sz]ed)\b|\binvalid (?:api key|token|credentials)\b|\b(?:token|credential|session|certificate|key)s? (?:has |have |had )?expired\b|\bexpired (?:token|credential|session)\b|\blacks? the (?:grant|permission|role|scope|right)\b|\bauthentication (?:failed|required)\b|\binsufficient (?:scope|privilege|permission)s?\b", Plain, 1000)]
    private static partial Regex AccessWords();

    [GeneratedRegex(@"\balready (?:exists|been|processed|closed|cancell?ed|shipped|in use|paid|refunded|booked|taken|locked|used)\b|\bconflict(?:s|ing)?\b|\bduplicate key\b|\bversion mismatch\b|\bstale (?:version|revision|etag)\b|\bconcurrent(?:ly)? (?:modif|updat)|\bprecondition failed\b", Plain, 1000)]
    private static partial Regex ConflictWords();

    // npm, pip, uv, Poetry, conda, NuGet, Cargo, Bundler, Composer, Maven, Go
    [GeneratedRegex(@"\bERESOLVE\b|unable to resolve dependency tree|could not resolve dependenc(?:y|ies)\b(?!.{0,120}\b(?:host|network|connect\w*|timed? ?out|unreachable|ENOTFOUND|EAI_AGAIN)\b)|\bconflicting (?:peer )?dependenc|\bdependency conflicts?\b|\bResolutionImpossible\b|\bconflicting dependencies\b|\bversion solving failed\b|\bSolverProblemError\b|no solution found when resolving|\bUnsatisfiableError\b|\bLibMambaUnsatisfiableError\b|\bNU1(?:107|605|608)\b|version conflict (?:detected|was detected)|failed to select a version for|could not find compatible versions|your requirements could not be resolved|which is incompatible\.|incompatible (?:peer )?dependenc|peer dependency conflict|\bVersionConflict\b|\bDependencyConflict", Plain, 1000)]
    private static partial Regex DependencyWords();

    [GeneratedRegex(@"\binvalid (?:argument|input|param(?:eter)?|request|value|type|date|format)s?\b|\bvalidation (?:failed|error)|\b(?:type )?validation\b|\bschema\b|\bbad request\b|\bunprocessable\b|\bmissing (?:field|required|argument|param(?:eter)?)|\bis required\b|\bnot a valid\b|\bcould not (?:be )?(?:parse|convert|bind)|\bunexpected (?:token|argument|keyword)|\bno value given for\b|\bparameter '\w+'|\bargument\b.{0,30}\b(?:must|expected|out of range|null)\b", Plain, 1000)]
    private static partial Regex ArgumentsWords();

    [GeneratedRegex(@"\bnot[ _-]?found\b|\bno such\b|\bdoes not exist\b|\bdoesn't exist\b|\bunknown (?:id|order|customer|user|item|tool|function)\b|\bno (?:record|entry|row)s? (?:for|of|with|found)\b", Plain, 1000)]
    private static partial Regex NotFoundWords();

    [GeneratedRegex(@"\bconnection (?:refused|reset|closed|aborted|timed|failed|error|was)|\bunreachable\b|\bcould not (?:connect|resolve|reach)\b|\breset by peer\b|\b(?:service|server|host|temporarily) unavailable\b|\bname resolution\b|\bnetwork (?:error|is unreachable)|\bsocket hang up\b|\bECONN(?:REFUSED|RESET|ABORTED)\b|\bfetch failed\b|\bprocess exited unexpectedly\b|\bpremature close\b|^\W*terminated\W*$|\bstream (?:was )?(?:closed|aborted|ended|interrupted)\b|\bbroken pipe\b", Plain, 1000)]
    private static partial Regex UnreachableWords();

    // Who names what is taken was asked for something else.
    [GeneratedRegex(@"\bmust be (?:one|any) of\b|\bexpected one of\b|\bvalid (?:options|values|choices) are\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OneOfWords();
}
