using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Faults;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Storage.Supabase.Bucket;
using AgentOps.Rca.Storage.Supabase.DataApi;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Bucket;

/// <summary>A bucket behind the test's own server of the Storage API.</summary>
public sealed class BucketBackend : StoreBackend
{
    public const string Bucket = "artifacts";

    public override string Name => "a bucket of the tests' own server";

    public override bool IsDurable => true;

    public override bool CanCorruptContent => true;

    public override async ValueTask<StoreSet> CreateAsync() => new Set(await StorageServer.StartAsync(Bucket));

    internal static BucketContentStore Open(StorageServer server, string key = StorageServer.ServiceKey, string bucket = Bucket)
    {
        var services = new ServiceCollection();
        services.AddBucketClient();
        var options = new SupabaseApiOptions
        {
            Url = server.Url,
            Key = key,
            Retry = new StoreRetryOptions { FirstDelay = TimeSpan.FromMilliseconds(5), LongestDelay = TimeSpan.FromMilliseconds(50) },
        };
        var http = services.BuildServiceProvider().GetRequiredService<IHttpClientFactory>().CreateClient(BucketClient.Name);
        return new BucketContentStore(new BucketClient(http, options, bucket, TimeProvider.System, NullLogger.Instance), TimeProvider.System);
    }

    internal static string KeyOf(ArtifactDigest digest) => $"{Bucket}/{digest.ToString()[..2]}/{digest}";

    private sealed class Set(StorageServer server) : StoreSet
    {
        private BucketContentStore _contents = Open(server);

        public override IArtifactContentStore Contents => _contents;

        public override IArtifactStore Artifacts { get; } = new InMemoryArtifactStore();

        public override ValueTask AgeAsync(ArtifactDigest? digest, TimeSpan age)
        {
            server.Age(digest is { } known ? KeyOf(known) : null, age);
            return ValueTask.CompletedTask;
        }

        public override ValueTask ReopenAsync()
        {
            _contents = Open(server);
            return ValueTask.CompletedTask;
        }

        public override ValueTask CorruptAsync(ArtifactDigest digest)
        {
            server.Flip(KeyOf(digest));
            return ValueTask.CompletedTask;
        }

        public override ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
