namespace AgentOps.Rca;

/// <summary>
/// A store could not be reached, or did not answer in time, after the retries of its backend were used up.
/// The caller may repeat the call: every write is insert-if-absent. Over HTTP this is 503 with Retry-After.
/// </summary>
public class StoreUnavailableException : Exception
{
    /// <summary>Makes the exception without a message.</summary>
    public StoreUnavailableException()
    {
    }

    /// <summary>Makes the exception with a sentence that names the store and what to do.</summary>
    /// <param name="message">The sentence; it never holds a secret.</param>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with a sentence and the driver's own failure.</summary>
    /// <param name="message">The sentence; it never holds a secret.</param>
    /// <param name="innerException">The driver's failure.</param>
    public StoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether waiting does not help: the store lacks what was asked of it. Over HTTP this is 501.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>How long to wait before trying again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);
}
