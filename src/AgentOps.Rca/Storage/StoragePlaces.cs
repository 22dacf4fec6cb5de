using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.LanguageModel;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Settings;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Storage;

/// <summary>Says when the host starts what goes where, and which setting or call said so.</summary>
internal sealed partial class StoragePlaces(
    IServiceProvider services, SettingsSource source, ILogger<StoragePlaces> logger, IHostEnvironment? environment = null) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Stores of the user's own may live in a scope.
        using var scope = services.CreateScope();
        var (backend, stores) = (services.GetRequiredService<StorageBackend>(), scope.ServiceProvider);
        var records = Describe(backend, stores);
        LogPlaces(records, RecordsOrigin(), DescribeContents(backend, stores), ContentsOrigin(backend, stores), DescribeModel(), ModelOrigin());
        if (environment?.IsDevelopment() == false && IsVolatile(stores))
        {
            LogInMemory(environment.EnvironmentName);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string Describe(StorageBackend backend, IServiceProvider stores)
    {
        var own = new (object Registered, object OfBackend)[]
        {
            (stores.GetRequiredService<IIncidentStore>(), backend.Incidents), (stores.GetRequiredService<ISpanStore>(), backend.Spans),
            (stores.GetRequiredService<IArtifactStore>(), backend.Artifacts),
        }.Where(static pair => !ReferenceEquals(pair.Registered, pair.OfBackend)).Select(static pair => pair.Registered.GetType().Name).ToList();
        return own.Count switch
        {
            0 => backend.Name,
            3 => string.Join(", ", own),
            _ => $"{backend.Name} and {string.Join(", ", own)}",
        };
    }

    private static string DescribeContents(StorageBackend backend, IServiceProvider stores) => stores.GetRequiredService<IArtifactContentStore>() switch
    {
        FileSystemArtifactContentStore files => files.DirectoryPath,
        LayeredContentStore layers => $"{backend.Name} up to {LayeredContentStore.SmallSize}, larger content in {layers.Files.DirectoryPath}",
        var contents when ReferenceEquals(contents, backend.Contents) => backend.Name,
        var contents => contents.GetType().Name,
    };

    private string DescribeModel() => services.GetServices<IRcaEngine>().LastOrDefault(static engine => engine.Name == RcaEngines.LanguageModel) switch
    {
        null or { Unavailable: not null } => "no model",
        _ => services.GetRequiredService<AnalysisModel>().Name?.Invoke() ?? "a chat client",
    };

    private string RecordsOrigin()
    {
        if (services.GetService<StorageOrigin>() is { } chosen)
        {
            return chosen.Call;
        }

        var given = source.Read(AgentOpsRcaSettings.Section);
        return services.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value switch
        {
            { SupabaseDbUrl: not null } => given.OriginOf(nameof(AgentOpsRcaOptions.SupabaseDbUrl)),
            { SupabaseUrl: not null } => given.OriginOf(nameof(AgentOpsRcaOptions.SupabaseUrl)),
            _ => services.GetService<EmbeddedStorage>() is { } embedded ? $"{embedded.Call}, and no setting names another" : "no setting names a store",
        };
    }

    private string ContentsOrigin(StorageBackend backend, IServiceProvider stores)
    {
        var given = source.Read(AgentOpsRcaSettings.Section);
        var options = services.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value;
        return stores.GetRequiredService<IArtifactContentStore>() switch
        {
            FileSystemArtifactContentStore or LayeredContentStore when options.ArtifactDirectory is not null => given.OriginOf(nameof(AgentOpsRcaOptions.ArtifactDirectory)),
            FileSystemArtifactContentStore or LayeredContentStore => "the default",
            var contents when !ReferenceEquals(contents, backend.Contents) => "code",
            _ => options.ArtifactBucket is null ? "with the records" : given.OriginOf(nameof(AgentOpsRcaOptions.ArtifactBucket)),
        };
    }

    private string ModelOrigin() => services.GetRequiredService<AnalysisModel>() is { } model && model.Unavailable() is null
        ? model.Origin
        : $"{AgentOpsRcaSettings.GroqApiKey} is not {(source.IsInMemory ? "read" : "set")}";

    private static bool IsVolatile(IServiceProvider stores) =>
        stores.GetRequiredService<IIncidentStore>() is InMemoryIncidentStore || stores.GetRequiredService<ISpanStore>() is InMemorySpanStore
        || stores.GetRequiredService<IArtifactStore>() is InMemoryArtifactStore || stores.GetRequiredService<IArtifactContentStore>() is InMemoryArtifactContentStore;

    [LoggerMessage(
        1, LogLevel.Information,
        "AgentOps.Rca keeps records in {Records} ({RecordsOrigin}) and artifact content in {Contents} ({ContentsOrigin}); analyses ask {Model} ({ModelOrigin}).")]
    private partial void LogPlaces(string records, string recordsOrigin, string contents, string contentsOrigin, string model, string modelOrigin);

    [LoggerMessage(
        2, LogLevel.Warning,
        "AgentOps.Rca keeps records in memory in the environment {Environment}: all of them are lost when the process ends. Choose a store, such as UseSqlite() or SUPABASE_DB_URL.")]
    private partial void LogInMemory(string environment);
}
