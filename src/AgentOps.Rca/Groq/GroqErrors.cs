using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Groq;

/// <summary>Turns what Groq answered, or what the network did, into one of the closed set of failures.</summary>
internal static class GroqErrors
{
    private const int MaxQuotedLength = 300;

    /// <summary>The failure that a reply with an error status reports.</summary>
    public static GroqException FromReply(HttpResponseMessage reply, ReadOnlyMemory<byte> body, string model, string apiKey, DateTimeOffset now)
    {
        var status = (int)reply.StatusCode;
        if (status is >= 300 and < 400)
        {
            return new GroqException(
                GroqErrorKind.Redirected,
                $"Groq's address answered with a redirect ({status}) to {reply.Headers.Location?.Host ?? "nowhere"}; redirects are not followed, "
                + "so that the API key stays with its host. Check the endpoint.")
            {
                StatusCode = status,
            };
        }

        return Classify(status, Read(body), model, apiKey, GroqRateLimit.Wait(reply, now));
    }

    /// <summary>The failure that an <c>error</c> member in an otherwise successful reply reports.</summary>
    public static GroqException FromMember(JsonElement error, string model, string apiKey) =>
        Classify(status: null, Read(error), model, apiKey, retryAfter: null);

    /// <summary>The failure that an <c>error</c> event of a stream reports.</summary>
    public static GroqException FromEvent(ReadOnlyMemory<byte> data, string model, string apiKey) =>
        Classify(status: null, Read(data), model, apiKey, retryAfter: null);

    private static GroqException Classify(int? status, ErrorBody body, string model, string apiKey, TimeSpan? retryAfter)
    {
        var kind = (status, body.Code) switch
        {
            (_, "model_not_found" or "model_decommissioned") => GroqErrorKind.ModelUnavailable,
            (_, "json_validate_failed") => GroqErrorKind.InvalidJson,
            (401, _) => GroqErrorKind.Unauthorized,
            (403, _) => GroqErrorKind.Forbidden,
            (413, _) => GroqErrorKind.RequestTooLarge,
            (422, _) => GroqErrorKind.Unprocessable,
            (429, _) or (_, "rate_limit_exceeded") => GroqErrorKind.RateLimited,
            (GroqConstants.StatusCapacityExceeded, _) => GroqErrorKind.CapacityExceeded,
            (null or 408 or >= 500, _) => GroqErrorKind.ServerError,
            _ => GroqErrorKind.BadRequest,
        };
        var sentence = kind switch
        {
            GroqErrorKind.ModelUnavailable => $"The model {model} is not there for this account. Name another one in GROQ_MODEL.",
            GroqErrorKind.InvalidJson => $"The model {model} did not write valid JSON.",
            GroqErrorKind.RateLimited => retryAfter is { } wait
                ? $"Groq's rate limit is used up; it asks to wait {GroqDuration.ToSentence(wait)}."
                : "Groq's rate limit is used up; it did not say for how long.",
            GroqErrorKind.Unauthorized => "Groq refused the API key (401). Check GROQ_API_KEY.",
            GroqErrorKind.Forbidden => "The API key must not do this (403). Check the permissions of the project at Groq.",
            GroqErrorKind.RequestTooLarge => $"The request is too large for {model} (413): its body, or the tokens it asks for.",
            GroqErrorKind.Unprocessable => "Groq could not make sense of the request (422).",
            GroqErrorKind.CapacityExceeded => "Groq's flex tier has no capacity at the moment (498).",
            GroqErrorKind.ServerError => status is null
                ? "Groq reported a failure in the middle of its reply."
                : string.Create(CultureInfo.InvariantCulture, $"Groq failed to answer ({status})."),
            _ => string.Create(CultureInfo.InvariantCulture, $"Groq refused the request ({status})."),
        };
        return new GroqException(kind, sentence + Quote(body.Message, apiKey))
        {
            StatusCode = status,
            Code = body.Code,
            RetryAfter = retryAfter,
            FailedGeneration = body.FailedGeneration,
        };
    }

    /// <summary>The server's own words: bounded, on one line, and without the key, whatever the server echoes.</summary>
    private static string Quote(string? message, string apiKey)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            return "";
        }

        var text = new StringBuilder(message.Replace(apiKey, "[api key]", StringComparison.OrdinalIgnoreCase));
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]))
            {
                text[i] = ' ';
            }
        }

        return text.Length > MaxQuotedLength ? $" Groq says: {text.ToString(0, MaxQuotedLength)}…" : $" Groq says: {text}";
    }

    private static ErrorBody Read(ReadOnlyMemory<byte> body) =>
        JsonRules.TryParse(body.Span, out var value) && value.ValueKind == JsonValueKind.Object && value.TryGetProperty("error", out var error)
            ? Read(error)
            : default;

    private static ErrorBody Read(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.String => new ErrorBody(Text(error), null, null),
        JsonValueKind.Object => new ErrorBody(Member(error, "message"), Member(error, "code"), Member(error, "failed_generation")),
        _ => default,
    };

    private static string? Member(JsonElement error, string name) => error.TryGetProperty(name, out var value) ? Text(value) : null;

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape.
            return null;
        }
    }

    private readonly record struct ErrorBody(string? Message, string? Code, string? FailedGeneration);
}
