using AgentOps.Rca.Tenancy;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>The services of a tenant's request: what is the library's is the tenant's, and the framework's and the application's are those of the request.</summary>
internal sealed class TenantRequestServices(AsyncServiceScope tenant, IServiceProvider host) : IServiceProvider, IKeyedServiceProvider, IAsyncDisposable
{
    /// <summary>The services of the request as the host gave them.</summary>
    public IServiceProvider Host => host;

    public object? GetService(Type serviceType) =>
        serviceType == typeof(IServiceProvider) ? this
        : IsTenants(serviceType) ? tenant.ServiceProvider.GetService(serviceType)
        : host.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) => Keyed(serviceType).GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => Keyed(serviceType).GetRequiredKeyedService(serviceType, serviceKey);

    public ValueTask DisposeAsync() => tenant.DisposeAsync();

    // What opens a scope resolves our services in it.
    private static bool IsTenants(Type type) =>
        (TenantServices.IsOurs(type) && !typeof(IOfTheHostAlone).IsAssignableFrom(type) && type != typeof(IRcaTenants)) || type == typeof(IServiceScopeFactory);

    private IKeyedServiceProvider Keyed(Type type) => (IKeyedServiceProvider)(IsTenants(type) ? tenant.ServiceProvider : host);
}
