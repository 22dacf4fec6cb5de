using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca;

/// <summary>
/// The stores as services that live as long as the host can use them. A store that the user registered for a scope, such as one over a
/// context of EF Core, stands behind one that opens a scope for each call; any other store is here as it is.
/// </summary>
internal static class SharedStores
{
    /// <summary>The key under which they are registered.</summary>
    public const string Key = "AgentOps.Rca.SharedStores";

    /// <summary>One of them.</summary>
    public static T GetShared<T>(this IServiceProvider provider)
        where T : notnull =>
        provider.GetRequiredKeyedService<T>(Key);
}
