namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// A model could not be asked or did not answer. The message is a sentence fit for a report: it holds no secret and nothing of the
/// prompt. Chat clients of your own may throw it to say why; of any other exception a report only names the type.
/// </summary>
public class ModelCallException : Exception
{
    /// <summary>Makes the exception without a message.</summary>
    public ModelCallException()
    {
    }

    /// <summary>Makes the exception with a sentence.</summary>
    /// <param name="message">Why the model did not answer.</param>
    public ModelCallException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with a sentence and a cause.</summary>
    /// <param name="message">Why the model did not answer.</param>
    /// <param name="innerException">The cause.</param>
    public ModelCallException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether a shorter prompt may succeed.</summary>
    public virtual bool IsRequestTooLarge { get; init; }

    /// <summary>Whether nothing was sent, so that the call used nothing and cost nothing.</summary>
    public virtual bool NothingWasSent { get; init; }

    /// <summary>The failure that an exception of any chat client stands for.</summary>
    internal static ModelCallException From(Exception exception) =>
        exception as ModelCallException ?? new ModelCallException($"The model's client failed ({exception.GetType().Name}).", exception);
}
