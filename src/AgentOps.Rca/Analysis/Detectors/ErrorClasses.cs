using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Classes of errors, read from status, type and words.</summary>
internal static class ErrorClasses
{
    private static readonly (string Category, string[] Words)[] ByWords =
    [
        ("rate_limited", ["rate limit", "rate_limit", "ratelimit", "too many requests", "quota", "throttl", "429"]),
        ("timeout", ["timeout", "timed out", "deadline", "time limit"]),
        ("budget_exceeded", ["budget", "context length", "context_length", "max_tokens", "token limit"]),
        ("access_denied", ["unauthorized", "forbidden", "permission", "access denied", "invalid api key"]),
        ("not_found", ["not found", "notfound", "no such", "does not exist"]),
        ("bad_arguments", ["invalid arg", "argument", "validation", "schema", "bad request", "unprocessable", "missing field", "parse"]),
        ("unreachable", ["connection", "refused", "unreachable", "dns", "reset by peer", "unavailable", "network"]),
    ];

    public static string CategoryOf(SpanFailure failure) => failure.HttpStatus switch
    {
        429 => "rate_limited",
        408 or 504 => "timeout",
        401 or 403 => "access_denied",
        404 or 410 => "not_found",
        400 or 405 or 406 or 409 or 411 or 412 or 413 or 414 or 415 or 422 => "bad_arguments",
        502 or 503 => "unreachable",
        >= 500 => "server_error",
        _ => ByText($"{failure.Type} {failure.Message}"),
    };

    /// <summary>Whether the one who asked is to blame rather than the one who was asked.</summary>
    public static bool IsCallersFault(string category) => category is "bad_arguments" or "not_found";

    public static string Describe(SpanFailure failure, string category)
    {
        var reason = category switch
        {
            "rate_limited" => "because its rate limit was exceeded",
            "timeout" => "because it ran out of time",
            "budget_exceeded" => "because a budget was exceeded",
            "access_denied" => "because access was denied",
            "not_found" => "because what was asked for does not exist",
            "bad_arguments" => "because its arguments were not accepted",
            "unreachable" => "because what it depends on could not be reached",
            "server_error" => "with an error of the server",
            _ => "with an error",
        };
        var status = failure.HttpStatus is { } http ? Words.Invariant($"HTTP {http}") : failure.Type is { } type ? Words.Short(type, 60) : null;
        var message = failure.Message is { Length: > 0 } text ? $"\"{Words.Short(text)}\"" : null;
        return (status, message) switch
        {
            (null, null) => reason,
            (null, _) => $"{reason} ({message})",
            (_, null) => $"{reason} ({status})",
            _ => $"{reason} ({status}: {message})",
        };
    }

    public static string Advice(string category, string tool) => category switch
    {
        "rate_limited" => $"Honour Retry-After and back off before calling {tool} again, spread the calls or raise the limit, and fall back to another provider when a deadline is near.",
        "timeout" => $"Give {tool} a time limit that fits the run's deadline, and decide what happens when it is reached.",
        "budget_exceeded" => $"Check the budget before {tool} is called, and shorten what is sent to it.",
        "access_denied" => $"Check the credentials and rights that {tool} is called with; do not retry until they are changed.",
        "not_found" => $"Check that what {tool} is asked for exists before it is asked, and tell the model when it does not.",
        "bad_arguments" => $"Validate the arguments of {tool} before the call, and give the refusal back to the model once instead of retrying.",
        "unreachable" => $"Check that what {tool} depends on is up, and add a circuit breaker with a fallback.",
        _ => $"Look into the error of {tool} at its source; retry only what is safe to repeat.",
    };

    private static string ByText(string text)
    {
        foreach (var (category, words) in ByWords)
        {
            if (Array.Exists(words, word => text.Contains(word, StringComparison.OrdinalIgnoreCase)))
            {
                return category;
            }
        }

        return "error";
    }
}
