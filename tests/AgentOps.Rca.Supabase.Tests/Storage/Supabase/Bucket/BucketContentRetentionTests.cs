using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Retention;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Storage.Supabase.Bucket;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Bucket;

[StoreUnderTest(typeof(BucketContentStore))]
public sealed class BucketContentRetentionSuiteTests(BucketBackend backend)
    : ArtifactContentRetentionSuite(backend), IClassFixture<BucketBackend>;

public sealed class BucketContentRetentionTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Old = TimeSpan.FromHours(25);
    private static readonly byte[] Content = [1, 2, 3];
    private static readonly ArtifactDigest Digest = ArtifactDigest.Of(Content);

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_interrupted_collection_has_left_is_readable_and_put_back_by_the_next_one()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = await WriteOldAsync(server);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CollectAsync(Digest, Day, new Rows
        {
            BeforeReply = () =>
            {
                // The host loses the bucket together with its database.
                server.Plan = static (_, _) => StorageFault.Unavailable;
                throw new StoreUnavailableException("The database is down.");
            },
        }, TestToken));
        server.Plan = static (_, _) => StorageFault.None;
        Assert.StartsWith($"{BucketBackend.Bucket}/withdrawn/{Digest}.", Assert.Single(server.Keys), StringComparison.Ordinal);

        Assert.Equal(Content, await ReadAsync(store));
        Assert.False(await store.KeepAsync(Digest, TestToken));
        Assert.Empty(await store.ListOldAsync(Day, TestToken).ToListAsync(TestToken));

        Assert.Equal([BucketBackend.KeyOf(Digest)], server.Keys);
        Assert.True(await store.KeepAsync(Digest, TestToken));
    }

    [Theory]
    [InlineData("POST move", StorageFault.Unavailable)]
    [InlineData("DELETE object", StorageFault.Unavailable)]
    [InlineData("DELETE object", StorageFault.LoseReply)]
    [InlineData("POST list", StorageFault.Unavailable)]
    public async Task A_fault_on_the_way_is_mended(string kind, StorageFault fault)
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = await WriteOldAsync(server);
        var before = server.Requests.Count(request => request == kind);
        server.Plan = (request, number) => request == kind && number == before + 1 ? fault : StorageFault.None;
        await store.CollectAsync(Digest, Day, new Rows(), TestToken);
        Assert.Empty(server.Keys);
    }

    [Fact]
    public async Task A_move_whose_reply_was_lost_deletes_nothing_and_is_undone_by_the_next_collection()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = await WriteOldAsync(server);
        server.Plan = static (request, number) => (request, number) == ("POST move", 1) ? StorageFault.LoseReply : StorageFault.None;
        Assert.False(await store.CollectAsync(Digest, Day, new Rows(), TestToken));
        Assert.Equal(Content, await ReadAsync(store));
        Assert.Equal([Digest], await store.ListOldAsync(TimeSpan.Zero, TestToken).ToListAsync(TestToken));
    }

    [Fact]
    public async Task A_move_that_is_carried_out_late_cannot_take_away_what_was_written_again()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = await WriteOldAsync(server);
        var rows = new InMemoryArtifactStore();
        var vault = new ArtifactVault(rows, store, TimeProvider.System);
        server.Plan = static (request, number) => (request, number) == ("POST move", 1) ? StorageFault.Late : StorageFault.None;

        // The second attempt moves it and its row is not there; then a writer comes, and the first attempt after it.
        await store.CollectAsync(Digest, Day, new Rows
        {
            BeforeReply = async () =>
            {
                await vault.PutAsync(Content, "text/plain", cancellationToken: TestToken);
                Assert.Equal(1, server.RunLate());
            },
        }, TestToken);

        Assert.Null(await vault.CheckAsync(Digest, TestToken));
        await store.ListOldAsync(Day, TestToken).ToListAsync(TestToken);
        Assert.Equal([BucketBackend.KeyOf(Digest)], server.Keys);
        Assert.Null(await vault.CheckAsync(Digest, TestToken));
    }

    [Fact]
    public async Task Content_that_was_written_again_while_it_was_withdrawn_is_there_once()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = await WriteOldAsync(server);
        var rows = new InMemoryArtifactStore();
        var vault = new ArtifactVault(rows, store, TimeProvider.System);
        Assert.False(await store.CollectAsync(Digest, Day, new Rows
        {
            BeforeReply = async () => await vault.PutAsync(Content, "text/plain", cancellationToken: TestToken),
            Inner = rows,
        }, TestToken));
        Assert.Equal([BucketBackend.KeyOf(Digest)], server.Keys);
        Assert.Null(await vault.CheckAsync(Digest, TestToken));
    }

    [Fact]
    public async Task A_server_that_cuts_every_listing_hides_nothing()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        server.LongestPage = 2;
        var store = BucketBackend.Open(server);
        List<ArtifactDigest> digests = [];
        for (var i = 0; i < 400; i++)
        {
            digests.Add((await store.WriteAsync(new OneWayStream(BitConverter.GetBytes(i)), expected: null, TestToken)).Digest);
        }

        server.Age(key: null, Old);
        Assert.Equal(digests.Order(), (await store.ListOldAsync(Day, TestToken).ToListAsync(TestToken)).Order());
    }

    [Fact]
    public async Task A_host_with_a_bucket_collects_what_is_orphaned_there_by_the_clock_of_the_server()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var services = new ServiceCollection();
        services.AddAgentOpsRca(options => (options.ArtifactBucket, options.SupabaseUrl, options.SupabaseKey) =
                (BucketBackend.Bucket, server.Url.AbsoluteUri, StorageServer.ServiceKey))
            .UseInMemory()
            .CollectOrphanedContentAfter(TimeSpan.FromHours(1));
        await using var provider = services.BuildServiceProvider();
        var vault = provider.GetRequiredService<ArtifactVault>();
        var contents = provider.GetRequiredService<IArtifactContentStore>();
        var kept = (await vault.PutAsync(Content, "text/plain", cancellationToken: TestToken)).Artifact.Digest;
        var orphan = (await contents.WriteAsync(new MemoryStream([4]), expected: null, TestToken)).Digest;
        var young = (await contents.WriteAsync(new MemoryStream([5]), expected: null, TestToken)).Digest;
        // By the host's clock, which is hours behind, none of them was written yet.
        server.Age(BucketBackend.KeyOf(kept), TimeSpan.FromMinutes(61));
        server.Age(BucketBackend.KeyOf(orphan), TimeSpan.FromMinutes(61));
        server.Age(BucketBackend.KeyOf(young), TimeSpan.FromMinutes(59));

        var service = Assert.Single(provider.GetServices<IHostedService>().OfType<OrphanedContentService>());
        Assert.Equal(1, await service.SweepAsync(TestToken));

        Assert.Null(await vault.CheckAsync(kept, TestToken));
        Assert.Null(await contents.OpenAsync(orphan, TestToken));
        await using var stream = await contents.OpenAsync(young, TestToken);
        Assert.NotNull(stream);
    }

    [Fact]
    public async Task Old_content_that_was_damaged_is_not_kept()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = await WriteOldAsync(server);
        server.Flip(BucketBackend.KeyOf(Digest));
        Assert.False(await store.KeepAsync(Digest, TestToken));
    }

    [Fact]
    public async Task Known_content_is_written_again_only_when_it_is_old()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = BucketBackend.Open(server);
        var content = new byte[(6 << 20) + 1];
        var digest = (await store.WriteAsync(new OneWayStream(content), expected: null, TestToken)).Digest;
        await store.WriteAsync(new OneWayStream(content), expected: null, TestToken);
        Assert.Equal(1, server.Requests.Count(request => request == "POST upload"));
        server.Age(BucketBackend.KeyOf(digest), TimeSpan.FromMinutes(31));
        await store.WriteAsync(new OneWayStream(content), expected: null, TestToken);
        Assert.Equal(2, server.Requests.Count(request => request == "POST upload"));
        await store.WriteAsync(new OneWayStream(content), expected: null, TestToken);
        Assert.Equal(2, server.Requests.Count(request => request == "POST upload"));
    }

    private static async Task<BucketContentStore> WriteOldAsync(StorageServer server)
    {
        var store = BucketBackend.Open(server);
        await store.WriteAsync(new OneWayStream(Content), expected: null, TestToken);
        server.Age(key: null, Old);
        return store;
    }

    private static async Task<byte[]> ReadAsync(BucketContentStore store)
    {
        await using var stream = await store.OpenAsync(Digest, TestToken);
        Assert.NotNull(stream);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, TestToken);
        return copy.ToArray();
    }

    // Rows as a collection sees them: something happens while it looks. Without an inner store the look came first, and found nothing.
    private sealed class Rows : IArtifactStore
    {
        public Func<Task> BeforeReply { get; init; } = static () => Task.CompletedTask;

        public InMemoryArtifactStore? Inner { get; init; }

        public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public async ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
        {
            await BeforeReply();
            return Inner is null ? null : await Inner.GetAsync(digest, cancellationToken);
        }

        public IAsyncEnumerable<Artifact> FindAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
