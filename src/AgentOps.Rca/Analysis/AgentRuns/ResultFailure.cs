using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Failures that only a result tells: <c>isError</c>, <c>success: false</c>, an <c>error</c>, an HTTP status in a body, a text that begins as
/// errors do. Frameworks hand such results to the model as any other, with a span that is well.
/// </summary>
internal static partial class ResultFailure
{
    private const int MostDepth = 3;
    private static readonly string[] Bodies = ["result", "data", "response", "body", "output", "payload"];
    private static readonly string[] SuccessFlags = ["success", "ok", "succeeded", "is_success", "isSuccess"];
    private static readonly string[] ErrorFlags = ["isError", "is_error", "failed", "hasError", "has_error"];
    private static readonly string[] StatusWords = ["error", "failed", "failure", "rejected", "denied", "refused", "fail", "unauthorized", "forbidden", "timeout", "timed_out", "aborted"];
    private static readonly string[] CallStatusWords = ["error", "unauthorized", "forbidden", "timeout", "timed_out"];
    private static readonly string[] Findings = ["valid", "is_valid", "isValid", "passed", "warnings", "checked", "compliant"];
    private static readonly string[] Labels = ["ok", "success", "request_id", "requestId", "trace_id", "traceId", "timestamp", "time", "hint", "path", "retryable", "retry_after", "retryAfter", "help", "suggestion", "errors", "failed"];
    private static readonly string[] StatusMembers = ["status", "state", "outcome"];
    private static readonly string[] HttpMembers = ["http_status", "httpStatus", "status_code", "statusCode", "code", "status"];
    private static readonly string[] ErrorMembers = ["error", "exception", "err"];
    private static readonly string[] Codes = ["code", "error_code", "errorCode", "error", "type", "reason"];
    private static readonly string[] Messages = ["message", "error_message", "errorMessage", "error_description", "detail", "details", "description", "reason", "msg", "title", "text"];

    // What stands behind such a word and a colon is masked as a secret, and it is a sentence here: "invalid_token: The access token has expired".
    private static readonly string[] OfSecrets = ["token", "key", "secret", "password", "credential", "credentials"];

    // What reports of errors hold; anything else in an object is data.
    private static readonly string[][] OfErrors = [ErrorMembers, StatusMembers, HttpMembers, Codes, Messages, Labels, Bodies];

    /// <summary>The failure that a result tells, or null.</summary>
    /// <param name="payload">The result.</param>
    /// <param name="looksUp">Whether the call looks a record up: then a record that is itself rejected or failed is what was asked for.</param>
    public static (string? Type, string Words, int? Http, string Pointer)? Of(Payload payload, bool looksUp = false) =>
        Within(payload.Value, "", 0, looksUp) ?? OfText(payload, looksUp) ?? (payload.SaysError ? (null, Short(payload.Text), null, "") : null);

    private static (string? Type, string Words, int? Http, string Pointer)? OfText(Payload payload, bool looksUp)
    {
        if (payload.Value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var text = payload.Text;
        // What is read may hold the errors of others; its own stands at its beginning.
        if (Traceback().Match(text) is { Success: true } frames && (!looksUp || frames.Index == 0 || MethodVersion.IsBefore(5) || StartsAsError().IsMatch(text)))
        {
            var last = (MethodVersion.IsBefore(5) ? null : Raised(text)) ?? text.TrimEnd().Split('\n')[^1].Trim();
            return (TypeAtStart().Match(last) is { Success: true } named ? named.Groups[1].Value : null, Short(last), null, "");
        }

        if (ErrorPage().Match(text) is { Success: true } page)
        {
            var title = page.Groups["title"].Value.Trim();
            return (null, Short(title), StatusInTitle().Match(title) is { Success: true } code ? int.Parse(code.ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : null, "");
        }

        if (!StartsAsError().IsMatch(text) && (MethodVersion.IsBefore(5) || !StartsAsErrorOf().IsMatch(text)))
        {
            return null;
        }

        var http = HttpInText().Match(text) is { Success: true } status ? int.Parse(status.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : (int?)null;
        return (TypeAtStart().Match(text) is { Success: true } type ? type.Groups[1].Value : null, Short(text), http, "");
    }

    // What was raised stands behind the frames, which are indented; a program may print more after it.
    private static string? Raised(string text)
    {
        var lines = text[Math.Max(0, text.LastIndexOf("Traceback (most recent call last)", StringComparison.Ordinal))..].Split('\n');
        return Array.Find(lines, static line => RaisedError().IsMatch(line))?.Trim();
    }

    private static (string? Type, string Words, int? Http, string Pointer)? Within(JsonElement value, string pointer, int depth, bool looksUp)
    {
        if (value.ValueKind != JsonValueKind.Object || depth > MostDepth)
        {
            return null;
        }

        if (FailedAt(value, looksUp) is { } failed)
        {
            return (failed.Type ?? CodeOf(value), failed.Words ?? WordsOf(value) ?? failed.Type ?? CodeOf(value) ?? "", failed.Http, pointer + failed.Pointer);
        }

        foreach (var name in Bodies)
        {
            if (value.TryGetProperty(name, out var body) && Within(body, pointer + JsonPointers.Step(name), depth + 1, looksUp) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static (string? Type, string? Words, int? Http, string Pointer)? FailedAt(JsonElement value, bool looksUp)
    {
        var isRecord = looksUp && IsRecord(value);
        foreach (var name in isRecord ? [] : ErrorMembers)
        {
            if (!value.TryGetProperty(name, out var error))
            {
                continue;
            }

            switch (error.ValueKind)
            {
                case JsonValueKind.True:
                case JsonValueKind.String when error.GetString() is { Length: > 0 } text && !text.Equals("none", StringComparison.OrdinalIgnoreCase) && !text.Equals("false", StringComparison.OrdinalIgnoreCase):
                    var said = error.ValueKind == JsonValueKind.String ? error.GetString()! : "";
                    var isCode = said.Length > 0 && !said.Contains(' ', StringComparison.Ordinal);
                    return (isCode ? said : null, isCode && WordsOf(value, except: name) is { } more ? $"{said}{(MethodVersion.IsBefore(5) || !Array.Exists(OfSecrets, word => said.EndsWith(word, StringComparison.OrdinalIgnoreCase)) ? ":" : " –")} {more}" : said.Length > 0 ? Short(said) : null, HttpOf(value), JsonPointers.Step(name));
                case JsonValueKind.Object when error.GetPropertyCount() > 0:
                    return (CodeOf(error), WordsOf(error), HttpOf(error) ?? HttpOf(value), JsonPointers.Step(name));
            }
        }

        foreach (var name in SuccessFlags)
        {
            if (value.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.False)
            {
                return (CodeOf(value), WordsOf(value), HttpOf(value), JsonPointers.Step(name));
            }
        }

        foreach (var name in ErrorFlags)
        {
            if (value.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True)
            {
                return (CodeOf(value), WordsOf(value), HttpOf(value), JsonPointers.Step(name));
            }
        }

        if (value.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0
            && !Array.Exists(Findings, name => value.TryGetProperty(name, out _)))
        {
            var first = errors[0];
            return (first.ValueKind == JsonValueKind.Object ? CodeOf(first) : null, first.ValueKind == JsonValueKind.String ? Short(first.GetString()!) : first.ValueKind == JsonValueKind.Object ? WordsOf(first) : null, HttpOf(value), "/errors/0");
        }

        foreach (var name in StatusMembers)
        {
            if (value.TryGetProperty(name, out var status) && status.ValueKind == JsonValueKind.String
                && Array.Exists(isRecord ? CallStatusWords : StatusWords, word => word.Equals(status.GetString(), StringComparison.OrdinalIgnoreCase)))
            {
                return (status.GetString(), WordsOf(value), HttpOf(value), JsonPointers.Step(name));
            }
        }

        return HttpOf(value) is { } http
            ? (null, WordsOf(value), http, JsonPointers.Step(Array.Find(HttpMembers, name => StatusAt(value, name) is not null)!))
            : null;
    }

    // What was looked up has a state of its own and says more than a report of an error does.
    private static bool IsRecord(JsonElement value) =>
        Array.Exists(StatusMembers, name => value.TryGetProperty(name, out var status) && status.ValueKind == JsonValueKind.String
            && !Array.Exists(CallStatusWords, word => word.Equals(status.GetString(), StringComparison.OrdinalIgnoreCase)))
        && value.EnumerateObject().Any(member => member.Value.ValueKind is not JsonValueKind.Null && !Array.Exists(OfErrors, names => Array.IndexOf(names, member.Name) >= 0));

    private static int? HttpOf(JsonElement value)
    {
        foreach (var name in HttpMembers)
        {
            if (StatusAt(value, name) is { } status)
            {
                return status;
            }
        }

        return null;
    }

    private static int? StatusAt(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member) && JsonNumbers.TryGetWhole(member, out int status) && status is >= 400 and <= 599 ? status : null;

    private static string? CodeOf(JsonElement value)
    {
        foreach (var name in Codes)
        {
            if (value.TryGetProperty(name, out var code) && code.ValueKind == JsonValueKind.String && code.GetString() is { Length: > 0 and <= 80 } text && !text.Contains(' ', StringComparison.Ordinal))
            {
                return text;
            }
        }

        return null;
    }

    private static string? WordsOf(JsonElement value, string? except = null)
    {
        foreach (var name in Messages)
        {
            if (name != except && value.TryGetProperty(name, out var message) && message.ValueKind == JsonValueKind.String && message.GetString() is { Length: > 0 } text)
            {
                return Short(text);
            }
        }

        return null;
    }

    // The words are quoted letter for letter, so they are only ever cut at their end.
    private static string Short(string text)
    {
        const int most = 400;
        text = text.Trim();
        return text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }

    [GeneratedRegex(@"^\s*(?:\[?(?:tool |mcp |function |fatal |internal )?(?:error|failure|exception|fatal)\b\]?\s*[:\-!.(]|traceback \(most recent|(?:[A-Za-z_][\w.]*)?(?:Error|Exception)\b\s*(?:\([^)]{0,40}\))?\s*:|HTTP(?:/\d(?:\.\d)?)?\s*(?:status\s*)?[45]\d\d\b|(?:failed to|unable to|could not|cannot|can't) \w+|no answer from\b|(?:the )?(?:request|operation|call|connection|query|command)\b[^.\n]{0,60}\b(?:timed out|was cancell?ed|was aborted|failed|was refused|was rejected)|(?:requested )?(?:function|tool)\b[^.\n]{0,80}\b(?:not found|failed|does not exist|unknown)|permission denied|access denied|unauthori[sz]ed\b|timeout\b|invalid (?:input|argument|parameter)s?\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex StartsAsError();

    [GeneratedRegex(@"^\s*error (?:while |when )?(?:executing|running|calling|invoking|fetching|loading|reading|parsing|processing|connecting)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex StartsAsErrorOf();

    [GeneratedRegex(@"^\s*(?:<!doctype[^>]*>\s*)?<(?:html|head|body)\b.{0,400}?<(?<tag>title|h1)[^>]*>(?<title>[^<]*\b(?:[45]\d\d|error|forbidden|unauthori[sz]ed|not found|bad gateway|unavailable|time-?out)\b[^<]*)</\k<tag>>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex ErrorPage();

    [GeneratedRegex(@"^(?:[a-z_][\w]*\.)*[A-Z_]\w*(?::\s.*)?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RaisedError();

    [GeneratedRegex(@"\b[45]\d\d\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex StatusInTitle();

    [GeneratedRegex(@"Traceback \(most recent call last\)|^\s+at [\w.<>]+\(.*\) in ", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Traceback();

    [GeneratedRegex(@"^\s*(?:Uncaught |Error: |Tool error: )?([A-Za-z_][\w.]*(?:Error|Exception|Timeout))\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TypeAtStart();

    [GeneratedRegex(@"\b(?:HTTP(?:/\d(?:\.\d)?)?|status(?: code)?)\s*:?\s*([45]\d\d)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex HttpInText();
}
