using AgentOps.Rca;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses the stores and models of AgentOps.Rca.</summary>
public static class AgentOpsRcaBuilderExtensions
{
    /// <summary>Keeps everything in memory, whatever the settings say: for tests and demonstrations.</summary>
    /// <param name="builder">The builder.</param>
    public static IAgentOpsRcaBuilder UseInMemory(this IAgentOpsRcaBuilder builder) => builder.UseStorage(static _ => InMemoryBackend.Create());

    /// <summary>Keeps everything in a backend of your own, whatever the settings say. The last call wins.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="backend">Makes the backend.</param>
    public static IAgentOpsRcaBuilder UseStorage(this IAgentOpsRcaBuilder builder, Func<IServiceProvider, StorageBackend> backend)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(backend);
        builder.Services.Replace(ServiceDescriptor.Singleton(backend));
        return builder;
    }

    /// <summary>Keeps everything in this backend unless the settings name another one (Supabase). The last call wins.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="backend">Makes the backend.</param>
    public static IAgentOpsRcaBuilder UseStorageByDefault(this IAgentOpsRcaBuilder builder, Func<IServiceProvider, StorageBackend> backend)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(backend);
        builder.Services.Replace(ServiceDescriptor.Singleton(new EmbeddedStorage(backend)));
        return builder;
    }
}
