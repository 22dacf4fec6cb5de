using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Storage.Supabase.DataApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>A backend whose artifacts have their bytes in a bucket of Supabase Storage.</summary>
internal sealed class BucketBackend(StorageBackend records, BucketContentStore bucket) : StorageBackend
{
    public override string Name => $"{records.Name}, artifact content in {bucket.Description}";

    public override IIncidentStore Incidents => records.Incidents;

    public override ISpanStore Spans => records.Spans;

    public override IArtifactStore Artifacts => records.Artifacts;

    public override IArtifactContentStore Contents => bucket;

    internal override ISmallContents? SmallContents => records.SmallContents;

    internal override IStoredBytes? StoredBytes => records.StoredBytes;

    public override ISpanLinker? Linker => records.Linker;

    public override ISpanRetention? Retention => records.Retention;

    /// <summary>The backend as it is, or with its bytes in the bucket of the settings.</summary>
    public static StorageBackend Apply(IServiceProvider provider, StorageBackend records)
    {
        if (provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value is not
            { ArtifactBucket: { } name, SupabaseUrl: { } url, SupabaseKey: { } key })
        {
            return records;
        }

        var timeProvider = provider.GetRequiredService<TimeProvider>();
        var client = new BucketClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(BucketClient.Name),
            new SupabaseApiOptions { Url = new Uri(url), Key = key },
            name,
            timeProvider,
            provider.GetRequiredService<ILogger<BucketContentStore>>());
        return new BucketBackend(records, new BucketContentStore(client, timeProvider));
    }

    public override async ValueTask<string?> PrepareAsync(IArtifactContentStore contents, CancellationToken cancellationToken = default)
    {
        // The bucket first: what the backend writes to try itself has its content there.
        string?[] warnings =
        [
            await bucket.PrepareAsync(cancellationToken).ConfigureAwait(false),
            await records.PrepareAsync(contents, cancellationToken).ConfigureAwait(false),
        ];
        return warnings is [null, null] ? null : string.Join(' ', warnings.OfType<string>());
    }

    public override async ValueTask<string?> FindFaultAsync(CancellationToken cancellationToken = default) =>
        await records.FindFaultAsync(cancellationToken).ConfigureAwait(false) ?? await bucket.FindFaultAsync(cancellationToken).ConfigureAwait(false);

    public override ValueTask<string?> FindWarningAsync(CancellationToken cancellationToken = default) => records.FindWarningAsync(cancellationToken);

    protected override ValueTask CloseAsync() => records.DisposeAsync();
}

internal static class BucketServiceCollectionExtensions
{
    /// <summary>Registers the HTTP client.</summary>
    public static void AddBucketClient(this IServiceCollection services) =>
        services.AddHttpClient(BucketClient.Name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .UseSupabaseConnections();
}
