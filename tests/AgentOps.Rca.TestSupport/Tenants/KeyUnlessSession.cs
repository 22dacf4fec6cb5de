namespace AgentOps.Rca.Testing.Tenants;

/// <summary>Sends a key with each request but those of a session of the page.</summary>
public sealed class KeyUnlessSession(string secret) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
{
    /// <summary>The header of a request that is sent without the key; it is taken off.</summary>
    public const string NoKey = "X-No-Key";

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.Headers.Remove(NoKey))
        {
            request.Headers.Add("X-Api-Key", secret);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
