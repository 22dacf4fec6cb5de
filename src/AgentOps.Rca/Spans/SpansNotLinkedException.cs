namespace AgentOps.Rca.Spans;

/// <summary>
/// Spans are stored, and log records could not be brought into the incident of their call. Sending the spans again makes up for it, so it is a
/// <see cref="StoreUnavailableException"/>; who cannot send them again must not say that they are lost.
/// </summary>
internal sealed class SpansNotLinkedException : StoreUnavailableException
{
    public SpansNotLinkedException(Exception failure)
        : base("The spans are stored; whether log records belong to them could not be looked up at the moment. Send them again.", failure) =>
        RetryAfter = (failure as StoreUnavailableException)?.RetryAfter ?? RetryAfter;
}
