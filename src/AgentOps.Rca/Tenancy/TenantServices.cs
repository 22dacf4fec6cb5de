using System.Diagnostics.CodeAnalysis;
using AgentOps.Rca.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentOps.Rca.Tenancy;

/// <summary>
/// The registrations of the host, from which those of a tenant are made. What is the library's is made anew, so that no store, cache, counter or background
/// service is shared; what is not is the host's own: its logging, its clock, its configuration, its HTTP clients, its chat client.
/// </summary>
internal sealed class TenantServices(IServiceCollection registrations) : IOfTheHostAlone
{
    private const string Library = "AgentOps.Rca";

    /// <summary>Builds the services of a tenant.</summary>
    public ServiceProvider Build(RcaTenant tenant, IServiceProvider host)
    {
        var services = new ServiceCollection();
        foreach (var group in registrations.ToLookup(static service => (service.ServiceType, service.IsKeyedService ? service.ServiceKey : null)))
        {
            var place = 0;
            foreach (var service in group)
            {
                if (Make(service, host, group.Key, place++) is { } made)
                {
                    ((IServiceCollection)services).Add(made);
                }
            }
        }

        services.AddSingleton(tenant);
        return services.BuildServiceProvider();
    }

    /// <summary>Whether a service belongs to the library, and so to each tenant.</summary>
    public static bool IsOurs(Type type) =>
        type.Assembly.GetName().Name is { } name
            && (name == Library || (name.StartsWith(Library, StringComparison.Ordinal) && name[Library.Length] == '.'))
        || (type.IsConstructedGenericType && Array.Exists(type.GenericTypeArguments, IsOurs));

    private static ServiceDescriptor? Make(ServiceDescriptor service, IServiceProvider host, (Type Type, object? Key) id, int place)
    {
        var implementation = ImplementationOf(service);
        if (IsOfTheHost(service.ServiceType) || (implementation is not null && IsOfTheHost(implementation)))
        {
            return null;
        }

        if (service.ServiceType == typeof(IHostedService))
        {
            return implementation is not null && IsOurs(implementation) ? service : null;
        }

        // Scopes and what is made each time are the tenant's, whoever registered them: they live with its requests.
        return IsOurs(service.ServiceType) || service.Lifetime != ServiceLifetime.Singleton || service.ServiceType.IsGenericTypeDefinition
            || (service.IsKeyedService ? service.KeyedImplementationInstance : service.ImplementationInstance) is not null
            || ReferenceEquals(id.Key, KeyedService.AnyKey)
            ? service
            : HandOn(service, host, id, place);
    }

    // What a container makes it also ends, and the host's own must not end with a tenant: what may need an end is handed over as it is.
    private static ServiceDescriptor HandOn(ServiceDescriptor service, IServiceProvider host, (Type Type, object? Key) id, int place)
    {
        if (ImplementationOf(service) is { } implementation && implementation != typeof(object)
            && !typeof(IDisposable).IsAssignableFrom(implementation) && !typeof(IAsyncDisposable).IsAssignableFrom(implementation)
            && (service.IsKeyedService ? service.KeyedImplementationType : service.ImplementationType) is not null)
        {
            return service.IsKeyedService
                ? new ServiceDescriptor(service.ServiceType, service.ServiceKey, (_, _) => Find(host, id, place), ServiceLifetime.Singleton)
                : new ServiceDescriptor(service.ServiceType, _ => Find(host, id, place), ServiceLifetime.Singleton);
        }

        try
        {
            return new ServiceDescriptor(service.ServiceType, service.IsKeyedService ? service.ServiceKey : null, Find(host, id, place));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Nobody may ever ask for it; who does gets the host's own failure.
            return service.IsKeyedService
                ? new ServiceDescriptor(service.ServiceType, service.ServiceKey, (_, _) => Find(host, id, place), ServiceLifetime.Singleton)
                : new ServiceDescriptor(service.ServiceType, _ => Find(host, id, place), ServiceLifetime.Singleton);
        }
    }

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Services are classes, for all of which there is one sequence.")]
    private static object Find(IServiceProvider host, (Type Type, object? Key) id, int place) =>
        (id.Key is null ? host.GetServices(id.Type) : host.GetKeyedServices(id.Type, id.Key)).ElementAt(place)
        ?? throw new InvalidOperationException($"The host has no {id.Type}.");

    private static bool IsOfTheHost(Type type) => typeof(IOfTheHostAlone).IsAssignableFrom(type);

    private static Type? ImplementationOf(ServiceDescriptor service) => service.IsKeyedService
        ? service.KeyedImplementationType ?? service.KeyedImplementationInstance?.GetType() ?? ReturnOf(service.KeyedImplementationFactory)
        : service.ImplementationType ?? service.ImplementationInstance?.GetType() ?? ReturnOf(service.ImplementationFactory);

    private static Type? ReturnOf(Delegate? factory) => factory?.GetType().GenericTypeArguments is { Length: > 0 } types ? types[^1] : null;
}
