using AgentOps.Rca.Incidents;
using AgentOps.Rca.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentOps.Rca.AspNetCore.Health;

/// <summary>Looks whether the records can be reached.</summary>
internal sealed class StoreHealthCheck(StorageBackend backend, IServiceProvider services) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var fault = await FindFaultAsync(backend, services, cancellationToken).ConfigureAwait(false);
            var data = new Dictionary<string, object> { ["store"] = backend.Name };
            return fault is null ? HealthCheckResult.Healthy(backend.Name, data) : new HealthCheckResult(context.Registration.FailureStatus, fault, data: data);
        }
        catch (StoreUnavailableException failure)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, failure.Message, failure);
        }
    }

    /// <summary>What keeps the records from being reached, in a sentence; null when nothing does.</summary>
    /// <exception cref="StoreUnavailableException">A store of the user's own cannot be reached.</exception>
    public static async ValueTask<string?> FindFaultAsync(StorageBackend backend, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (await backend.FindFaultAsync(cancellationToken).ConfigureAwait(false) is { } fault)
        {
            return fault;
        }

        // A store of the user's own has no check; reading from it is one.
        var incidents = services.GetRequiredService<IIncidentStore>();
        await foreach (var _ in incidents.ListAsync(new IncidentQuery { Limit = 1 }, cancellationToken).ConfigureAwait(false))
        {
            break;
        }

        return null;
    }
}
