using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore;
using AgentOps.Rca.Sqlite;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Tool.Files;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool;

/// <summary>The library as the tool uses it: nothing is kept when it ends, and no setting comes from anywhere but the command line.</summary>
internal static class ToolServices
{
    /// <summary>Services of their own, for one command.</summary>
    /// <param name="add">Adds to them, or null.</param>
    public static ServiceProvider Create(Action<IAgentOpsRcaBuilder>? add = null)
    {
        var services = new ServiceCollection();
        AddTo(services, store: null, add);
        return services.BuildServiceProvider();
    }

    /// <summary>The same over a store for files.</summary>
    public static async Task<ServiceProvider> CreateAsync(TemporaryStore store, Action<IAgentOpsRcaBuilder>? add, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection();
        AddTo(services, store, add);
        var provider = services.BuildServiceProvider();
        await PrepareAsync(provider, cancellationToken).ConfigureAwait(false);
        return provider;
    }

    /// <summary>Makes the tables of a store that has some.</summary>
    public static async Task PrepareAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetService<StorageBackend>() is { } backend)
        {
            await backend.PrepareAsync(services.GetRequiredService<IArtifactContentStore>(), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The same in an application.</summary>
    public static void AddTo(IServiceCollection services, TemporaryStore? store, Action<IAgentOpsRcaBuilder>? add = null)
    {
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        var rca = services.AddAgentOpsRca(options => options.ArtifactDirectory = store?.Artifacts ?? options.ArtifactDirectory);
        _ = store?.Database is { } database ? rca.UseStorage(_ => new SqliteStores(database, isTemporary: true), "a temporary file") : rca.UseInMemory();

        // It listens to this machine only.
        services.Configure<AgentOpsRcaHttpOptions>(static options => options.RequireApiKey = false);
        add?.Invoke(rca);
    }
}
