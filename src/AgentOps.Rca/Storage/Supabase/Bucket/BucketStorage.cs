using AgentOps.Rca.Storage.Supabase.DataApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>Moves the bytes of artifacts out of a backend into a bucket of Supabase Storage, where the settings name one.</summary>
internal static partial class BucketStorage
{
    /// <summary>Registers the HTTP client.</summary>
    public static void AddBucketClient(this IServiceCollection services) =>
        services.AddHttpClient(BucketClient.Name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .UseSupabaseConnections();

    /// <summary>The backend as it is, or with its bytes in the bucket of the settings.</summary>
    public static StorageBackend Apply(IServiceProvider provider, StorageBackend backend)
    {
        if (provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value is not
            { ArtifactBucket: { } name, SupabaseUrl: { } url, SupabaseKey: { } key })
        {
            return backend;
        }

        var logger = provider.GetRequiredService<ILogger<BucketContentStore>>();
        var timeProvider = provider.GetRequiredService<TimeProvider>();
        var client = new BucketClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(BucketClient.Name),
            new SupabaseApiOptions { Url = new Uri(url), Key = key },
            name,
            timeProvider,
            logger);
        var contents = new BucketContentStore(client, timeProvider);
        return new StorageBackend
        {
            Name = $"{backend.Name}, artifact content in {contents.Description}",
            Incidents = backend.Incidents,
            Spans = backend.Spans,
            Artifacts = backend.Artifacts,
            Contents = _ => contents,
            Prepare = async (services, cancellationToken) =>
            {
                if (await contents.PrepareAsync(cancellationToken).ConfigureAwait(false) is { } warning)
                {
                    LogWarning(logger, warning);
                }

                // After the bucket: what the backend writes to try itself has its content there.
                if (backend.Prepare is { } prepare)
                {
                    await prepare(services, cancellationToken).ConfigureAwait(false);
                }
            },
            FindFault = async (services, cancellationToken) =>
                (backend.FindFault is { } findFault ? await findFault(services, cancellationToken).ConfigureAwait(false) : null)
                ?? (await contents.CheckAsync(cancellationToken).ConfigureAwait(false) is { IsHealthy: false } health ? health.Sentence : null),
            FindWarning = backend.FindWarning,
        };
    }

    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);
}
