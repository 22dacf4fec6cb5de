using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Storage.Supabase.Bucket;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Bucket;

[StoreUnderTest(typeof(BucketContentStore))]
public sealed class BucketContentStoreSuiteTests(BucketBackend backend) : ArtifactContentStoreSuite(backend), IClassFixture<BucketBackend>;

public sealed class BucketContentStoreTests
{
    private const int Part = 6 << 20;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Part, "POST object,GET object")]
    [InlineData(Part + 1, "GET object,POST upload,PATCH upload,PATCH upload,GET object")]
    [InlineData(3 * Part, "GET object,POST upload,PATCH upload,PATCH upload,PATCH upload,GET object")]
    public async Task Content_of_more_than_6_MiB_goes_part_by_part_and_all_of_it_is_read_back(int length, string requests)
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = BucketBackend.Open(server);
        var content = Bytes(length);

        var stored = await store.WriteAsync(new OneWayStream(content), ArtifactDigest.Of(content), TestToken);

        Assert.Equal(new StoredContent(ArtifactDigest.Of(content), length), stored);
        Assert.Equal(requests, string.Join(',', server.Requests));
        Assert.Equal(content, await ReadAsync(store, stored.Digest));
    }

    [Fact]
    public async Task What_is_there_is_verified_and_not_sent_again()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = BucketBackend.Open(server);
        var content = Bytes(2 * Part);
        await store.WriteAsync(new OneWayStream(content), expected: null, TestToken);
        await store.WriteAsync(new OneWayStream(content), expected: null, TestToken);
        Assert.Equal(2, server.Requests.Count(request => request == "PATCH upload"));
    }

    [Theory]
    [InlineData(1_000, "POST object", StorageFault.Unavailable)]
    [InlineData(1_000, "POST object", StorageFault.CutRequest)]
    [InlineData(1_000, "POST object", StorageFault.LoseReply)]
    [InlineData(1_000, "POST object", StorageFault.ChangeContent)]
    [InlineData(1_000, "GET object", StorageFault.Unavailable)]
    [InlineData(500_000, "GET object", StorageFault.CutReply)]
    [InlineData((2 * Part) + 5, "POST upload", StorageFault.Unavailable)]
    [InlineData((2 * Part) + 5, "POST upload", StorageFault.Locked)]
    [InlineData((2 * Part) + 5, "PATCH upload", StorageFault.Unavailable)]
    [InlineData((2 * Part) + 5, "PATCH upload", StorageFault.CutRequest)]
    [InlineData((2 * Part) + 5, "PATCH upload", StorageFault.LoseReply)]
    [InlineData((2 * Part) + 5, "PATCH upload", StorageFault.ForgetUpload)]
    [InlineData((2 * Part) + 5, "PATCH upload", StorageFault.Expire)]
    [InlineData((2 * Part) + 5, "PATCH upload", StorageFault.Locked)]
    [InlineData((2 * Part) + 5, "GET object", StorageFault.CutReply)]
    public async Task A_fault_on_the_way_is_mended_by_the_store(int length, string kind, StorageFault fault)
    {
        var content = Bytes(length);
        // The fault comes at the first, at the second, at the first two and at the third request of its kind.
        foreach (int[] at in (int[][])[[1], [2], [1, 2], [3]])
        {
            await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
            server.Plan = (request, number) => request == kind && at.Contains(number) ? fault : StorageFault.None;
            var store = BucketBackend.Open(server);

            var stored = await store.WriteAsync(new OneWayStream(content), expected: null, TestToken);

            Assert.Equal(ArtifactDigest.Of(content), stored.Digest);
            Assert.Equal(content, await ReadAsync(store, stored.Digest));
        }
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(Part + 5)]
    public async Task A_key_of_the_older_kind_stands_in_both_headers(int length)
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = BucketBackend.Open(server, StorageServer.TokenKey);
        var stored = await store.WriteAsync(new OneWayStream(Bytes(length)), expected: null, TestToken);
        Assert.Equal(Bytes(length), await ReadAsync(store, stored.Digest));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData((2 * Part) + 5)]
    public async Task A_last_part_that_was_changed_on_the_way_is_sent_again(int length)
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var kind = length > Part ? "PATCH upload" : "POST object";
        var last = length > Part ? 3 : 1;
        server.Plan = (request, number) => request == kind && number == last ? StorageFault.ChangeContent : StorageFault.None;
        var store = BucketBackend.Open(server);
        var content = Bytes(length);
        await store.WriteAsync(new OneWayStream(content), expected: null, TestToken);
        Assert.Equal(content, await ReadAsync(store, ArtifactDigest.Of(content)));
    }

    [Fact]
    public async Task A_write_whose_bytes_never_come_back_as_they_were_fails_and_none_of_them_is_served()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        server.Plan = (request, _) => request == "POST object" ? StorageFault.ChangeContent : StorageFault.None;
        var store = BucketBackend.Open(server);
        var rows = new InMemoryArtifactStore();
        var vault = new ArtifactVault(rows, store, TimeProvider.System);
        var content = Bytes(1_000);

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await vault.PutAsync(content, "text/plain", cancellationToken: TestToken));

        Assert.Contains("other bytes came back", failure.Message, StringComparison.Ordinal);
        Assert.Null(await rows.GetAsync(ArtifactDigest.Of(content), TestToken));
    }

    [Fact]
    public async Task A_download_goes_on_where_it_broke_off_even_where_ranges_are_unknown()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = BucketBackend.Open(server);
        var content = Bytes(900_000);
        var stored = await store.WriteAsync(new OneWayStream(content), expected: null, TestToken);
        var before = server.Requests.Count(request => request == "GET object");
        server.Plan = (request, number) => request != "GET object" ? StorageFault.None
            : (number - before) switch { 1 or 2 => StorageFault.CutReply, 3 => StorageFault.IgnoreRange, _ => StorageFault.None };

        Assert.Equal(content, await ReadAsync(store, stored.Digest));

        Assert.Equal(3, server.Requests.Count(request => request == "GET object") - before);
    }

    [Fact]
    public async Task Start_up_makes_a_private_bucket_and_readiness_sees_it()
    {
        await using var server = await StorageServer.StartAsync();
        var store = BucketBackend.Open(server);
        Assert.NotNull(await store.FindFaultAsync(TestToken));

        Assert.Null(await store.PrepareAsync(TestToken));

        Assert.False(Assert.Single(server.Buckets).Value);
        Assert.Null(await store.FindFaultAsync(TestToken));
        Assert.Null(await store.PrepareAsync(TestToken));
    }

    [Fact]
    public async Task A_public_bucket_is_warned_of()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket, isPublic: true);
        Assert.Contains("is public", await BucketBackend.Open(server).PrepareAsync(TestToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StorageServer.AnonKey)]
    [InlineData("sb_secret_wrong")]
    public async Task A_key_that_may_not_write_stops_the_start_and_is_not_repeated(string key)
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var failure = await Assert.ThrowsAsync<StoreSetupException>(async () => await BucketBackend.Open(server, key).PrepareAsync(TestToken));
        Assert.Contains("SUPABASE_KEY", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_that_is_gone_is_an_unavailable_store_that_names_it()
    {
        await using var server = await StorageServer.StartAsync();
        var store = BucketBackend.Open(server);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await store.WriteAsync(new OneWayStream(Bytes(10)), expected: null, TestToken));
        Assert.Contains($"no bucket '{BucketBackend.Bucket}'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_temporary_file_is_left_behind()
    {
        await using var server = await StorageServer.StartAsync(BucketBackend.Bucket);
        var store = BucketBackend.Open(server);
        await store.WriteAsync(new OneWayStream(Bytes(Part + 5)), expected: null, TestToken);
        await Assert.ThrowsAsync<IOException>(
            async () => await store.WriteAsync(new OneWayStream(Bytes(3 * Part), failAfter: 2 * Part), expected: null, TestToken));
        await Assert.ThrowsAsync<ArtifactDigestMismatchException>(
            async () => await store.WriteAsync(new OneWayStream(Bytes(Part + 5)), ArtifactDigest.Empty, TestToken));
        Assert.DoesNotContain(OpenFiles(), path => path.EndsWith(".upload", StringComparison.Ordinal));
    }

    // Other tests write beside this one, so only what this process still holds open counts; what it closed is deleted.
    private static IEnumerable<string> OpenFiles() => Directory.Exists("/proc/self/fd")
        ? Directory.GetFiles("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget ?? "")
        : [];

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(BucketContentStore store, ArtifactDigest digest)
    {
        await using var stream = await store.OpenAsync(digest, TestToken);
        Assert.NotNull(stream);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, TestToken);
        return copy.ToArray();
    }
}
