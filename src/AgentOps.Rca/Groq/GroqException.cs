using AgentOps.Rca.Analysis.LanguageModel;

namespace AgentOps.Rca.Groq;

/// <summary>
/// A call of Groq's API failed. The message is a whole sentence for the person who runs the service; it never holds the API key
/// nor what the model was asked.
/// </summary>
public sealed class GroqException : ModelCallException
{
    /// <summary>Makes the exception without a message.</summary>
    public GroqException()
    {
    }

    /// <summary>Makes the exception with a sentence.</summary>
    /// <param name="message">What failed and what to do about it.</param>
    public GroqException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with a sentence and a cause.</summary>
    /// <param name="message">What failed and what to do about it.</param>
    /// <param name="innerException">The cause.</param>
    public GroqException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal GroqException(GroqErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>Why the call failed.</summary>
    public GroqErrorKind Kind { get; init; } = GroqErrorKind.ServerError;

    /// <summary>The HTTP status of the reply, or null when there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Groq's own code for the error, such as <c>model_not_found</c>, or null.</summary>
    public string? Code { get; init; }

    /// <summary>How long Groq asks to wait before the next request, or null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What the model wrote when that was not valid JSON, or null. Foreign text; log it at Trace only.</summary>
    public string? FailedGeneration { get; init; }

    /// <inheritdoc/>
    public override bool IsRequestTooLarge => Kind == GroqErrorKind.RequestTooLarge;

    /// <inheritdoc/>
    public override bool NothingWasSent => Kind == GroqErrorKind.NotConfigured;

    /// <summary>Whether the same request may well succeed later.</summary>
    public bool IsTransient => Kind is GroqErrorKind.RateLimited or GroqErrorKind.CapacityExceeded or GroqErrorKind.ServerError
        or GroqErrorKind.Timeout or GroqErrorKind.ConnectionFailed or GroqErrorKind.StreamCut;
}
