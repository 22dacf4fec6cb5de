namespace AgentOps.Rca.Tenancy;

/// <summary>The tenants of a host. Code of the host that works for one of them, such as a recorder, takes its services here.</summary>
public interface IRcaTenants
{
    /// <summary>Whether the host keeps tenants apart.</summary>
    bool IsOn { get; }

    /// <summary>How many are open.</summary>
    int OpenCount { get; }

    /// <summary>Whether there is, or may be, a tenant of this name.</summary>
    /// <param name="name">The name, in any form.</param>
    bool Has(string name);

    /// <summary>The services of a tenant, which are started when they are first asked for; they live as long as the host's.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Stops waiting; the tenant is opened all the same.</param>
    /// <exception cref="ArgumentException">There is no such tenant (<see cref="Has"/>).</exception>
    /// <exception cref="StoreUnavailableException">It cannot be opened now; the sentence says why.</exception>
    ValueTask<IServiceProvider> OpenAsync(string name, CancellationToken cancellationToken = default);
}
