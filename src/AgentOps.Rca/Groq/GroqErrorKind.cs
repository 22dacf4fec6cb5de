namespace AgentOps.Rca.Groq;

/// <summary>Why a call of Groq's API failed, after the retries that make sense for that reason were used up.</summary>
public enum GroqErrorKind
{
    /// <summary>No API key is set (<c>GROQ_API_KEY</c>); nothing was sent.</summary>
    NotConfigured,

    /// <summary>401: the API key is wrong or was revoked.</summary>
    Unauthorized,

    /// <summary>403: the API key must not do this.</summary>
    Forbidden,

    /// <summary>400, 404, 424 or another refusal that asking again does not change.</summary>
    BadRequest,

    /// <summary>None of the models in the order of preference is there for this account any more.</summary>
    ModelUnavailable,

    /// <summary>The model wrote JSON that does not parse or does not follow the schema, each time it was asked.</summary>
    InvalidJson,

    /// <summary>413: the body, or the tokens asked for, exceed what one request may have; send less.</summary>
    RequestTooLarge,

    /// <summary>422: the request is well-formed but its meaning was refused, twice.</summary>
    Unprocessable,

    /// <summary>429: over the rate limit; <see cref="GroqException.RetryAfter"/> says for how long.</summary>
    RateLimited,

    /// <summary>498: the flex tier has no capacity left.</summary>
    CapacityExceeded,

    /// <summary>500, 502, 503 and the like, also when reported in the middle of a stream.</summary>
    ServerError,

    /// <summary>No answer within the time allowed.</summary>
    Timeout,

    /// <summary>The connection could not be made, or broke before the reply was complete.</summary>
    ConnectionFailed,

    /// <summary>The reply was a redirect; it is never followed, so that the API key stays with the host it was meant for.</summary>
    Redirected,

    /// <summary>The reply exceeds <see cref="GroqOptions.MaxReplyBytes"/> and was not read to its end.</summary>
    ReplyTooLarge,

    /// <summary>The reply is not what the API's description says.</summary>
    BadReply,

    /// <summary>A stream ended before the model had finished; what it used is unknown.</summary>
    StreamCut,
}
