namespace AgentOps.Rca.Storage;

/// <summary>A backend is set up so that it cannot work, and waiting will not help. The message says what to change.</summary>
internal sealed class StoreSetupException : Exception
{
    public StoreSetupException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
