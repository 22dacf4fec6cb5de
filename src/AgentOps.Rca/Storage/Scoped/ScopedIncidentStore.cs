using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Storage.Scoped;

/// <summary>The incidents of a store that lives in a scope.</summary>
internal sealed class ScopedIncidentStore(ScopedCalls<IIncidentStore> store) : IIncidentStore
{
    public ValueTask<WriteOutcome> AddAsync(Incident incident, CancellationToken cancellationToken = default) =>
        store.RunAsync(incidents => incidents.AddAsync(incident, cancellationToken));

    public ValueTask<Incident?> GetAsync(Guid id, CancellationToken cancellationToken = default) =>
        store.RunAsync(incidents => incidents.GetAsync(id, cancellationToken));

    public IAsyncEnumerable<Incident> ListAsync(IncidentQuery query, CancellationToken cancellationToken = default) =>
        store.ListAsync((incidents, token) => incidents.ListAsync(query, token), cancellationToken);

    public ValueTask<bool> TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken = default) =>
        store.RunAsync(incidents => incidents.TrySetStatusAsync(id, expected, status, cancellationToken));
}
