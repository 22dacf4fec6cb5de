using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Storage.InMemory;

/// <summary>Incidents in memory: for unit tests, demonstrations and short-lived tools. Nothing survives the process.</summary>
public sealed class InMemoryIncidentStore : IIncidentStore
{
    private readonly ConcurrentDictionary<Guid, Incident> _incidents = new();

    /// <inheritdoc/>
    public ValueTask<WriteOutcome> AddAsync(Incident incident, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(incident);
        cancellationToken.ThrowIfCancellationRequested();
        var copy = incident with { Details = incident.Details.Clone() };
        var stored = _incidents.GetOrAdd(incident.Id, copy);
        return ValueTask.FromResult(
            ReferenceEquals(stored, copy) ? WriteOutcome.Added : stored.IsSameAs(incident) ? WriteOutcome.Duplicate : WriteOutcome.Conflict);
    }

    /// <inheritdoc/>
    public ValueTask<Incident?> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_incidents.GetValueOrDefault(id));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Incident> ListAsync(
        IncidentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.CompletedTask.ConfigureAwait(false);
        var found = _incidents.Values
            .Where(incident => Matches(incident, query))
            .OrderByDescending(incident => incident.CreatedTs)
            .ThenByDescending(incident => incident.Id);
        foreach (var incident in query.Limit is { } limit ? found.Take(limit) : found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return incident;
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            _incidents.TryGetValue(id, out var incident) && incident.Status == expected
            && _incidents.TryUpdate(id, incident with { Status = status }, incident));
    }

    private static bool Matches(Incident incident, IncidentQuery query) =>
        (query.Status is null || incident.Status == query.Status)
        && (query.ProblemType is null || incident.ProblemType == query.ProblemType)
        && (query.OrderId is null || incident.OrderId == query.OrderId)
        && (query.Text is null || TextSearch.Contains(incident.OrderId, query.Text) || TextSearch.Contains(incident.ProblemType, query.Text))
        && (query.After is not { } after || IsAfter(incident, after));

    private static bool IsAfter(Incident incident, IncidentCursor after) =>
        incident.CreatedTs < after.CreatedTs
        || (incident.CreatedTs == after.CreatedTs && incident.Id.CompareTo(after.Id) < 0);
}
