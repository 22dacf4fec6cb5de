using System.Collections.Concurrent;
using System.Security.Cryptography;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Testing;

/// <summary>What every <see cref="IArtifactContentRetention"/> does: it collects what no row points to, and never anything else.</summary>
/// <param name="backend">The backend under test, which keeps rows and content.</param>
public abstract class ArtifactContentRetentionSuite(StoreBackend backend) : StoreSuite(backend)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Old = TimeSpan.FromHours(25);

    /// <inheritdoc/>
    protected sealed override object StoreUnderTest => Stores.Contents;

    private IArtifactContentRetention Retention => Assert.IsType<IArtifactContentRetention>(Stores.Contents, exactMatch: false);

    private ArtifactVault Vault => new(Stores.Artifacts, Stores.Contents, TimeProvider.System);

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(2_500_001)]
    public async Task Old_content_without_a_row_is_collected(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        var orphan = await WriteAsync(content, Old);
        Assert.Equal([orphan], await ListAsync(Day));
        Assert.True(await CollectAsync(orphan));
        Assert.Null(await Stores.Contents.OpenAsync(orphan, TestToken));
        Assert.Empty(await ListAsync(TimeSpan.Zero));
        Assert.False(await CollectAsync(orphan));

        await Vault.PutAsync(content, "text/plain", cancellationToken: TestToken);
        Assert.Null(await Vault.CheckAsync(orphan, TestToken));
    }

    [Fact]
    public async Task Young_content_without_a_row_stays()
    {
        var young = await WriteAsync(RandomNumberGenerator.GetBytes(100), TimeSpan.FromHours(23));
        var fresh = await WriteAsync(RandomNumberGenerator.GetBytes(100), age: null);
        Assert.Empty(await ListAsync(Day));
        Assert.False(await CollectAsync(young));
        Assert.False(await CollectAsync(fresh));
        await AssertThereAsync(young);
        await AssertThereAsync(fresh);
    }

    [Fact]
    public async Task Content_with_a_row_is_never_collected_however_old()
    {
        var write = await Vault.PutAsync(RandomNumberGenerator.GetBytes(100), "text/plain", cancellationToken: TestToken);
        await Stores.AgeAsync(write.Artifact.Digest, TimeSpan.FromDays(5_000));
        Assert.Equal([write.Artifact.Digest], await ListAsync(Day));
        Assert.False(await CollectAsync(write.Artifact.Digest));
        Assert.False(await CollectAsync(write.Artifact.Digest, TimeSpan.Zero));
        Assert.Null(await Vault.CheckAsync(write.Artifact.Digest, TestToken));
    }

    [Fact]
    public async Task Content_that_a_writer_finds_again_is_young_again()
    {
        var content = RandomNumberGenerator.GetBytes(2_000);
        var orphan = await WriteAsync(content, Old);
        await WriteAsync(content, age: null);
        Assert.Empty(await ListAsync(Day));
        Assert.False(await CollectAsync(orphan));
        await AssertThereAsync(orphan);
    }

    [Fact]
    public async Task All_old_content_is_listed_once_beyond_every_page()
    {
        var digests = new List<ArtifactDigest>();
        for (var i = 0; i < 1_203; i++)
        {
            digests.Add((await Stores.Contents.WriteAsync(new MemoryStream(BitConverter.GetBytes(i)), expected: null, TestToken)).Digest);
        }

        // The same age for all, so that pages cannot be told apart by it.
        await Stores.AgeAsync(digest: null, Old);
        Assert.Equal(digests.Order(), (await ListAsync(Day)).Order());
    }

    [Fact]
    public async Task Keeping_says_what_is_there()
    {
        var orphan = await WriteAsync(RandomNumberGenerator.GetBytes(100), Old);
        Assert.False(await Retention.KeepAsync(ArtifactDigest.Of("other"u8), TestToken));
        Assert.True(await Retention.KeepAsync(orphan, TestToken));
        Assert.False(await CollectAsync(orphan));
        await Stores.AgeAsync(orphan, Old);
        Assert.True(await CollectAsync(orphan));
        Assert.False(await Retention.KeepAsync(orphan, TestToken));
    }

    [Fact]
    public async Task Keeping_many_says_whether_all_are_there()
    {
        var orphan = await WriteAsync(RandomNumberGenerator.GetBytes(100), Old);
        var larger = await WriteAsync(RandomNumberGenerator.GetBytes(100_000), Old);
        var kept = await Vault.PutManyAsync(
            [new ArtifactContent(RandomNumberGenerator.GetBytes(100), "text/plain"), new ArtifactContent(RandomNumberGenerator.GetBytes(90_000), "text/plain")], TestToken);
        Assert.True(await Retention.KeepManyAsync([], TestToken));
        Assert.False(await Retention.KeepManyAsync([.. kept, ArtifactDigest.Of("other"u8), orphan], TestToken));
        Assert.True(await Retention.KeepManyAsync([.. kept, orphan, larger], TestToken));
        Assert.False(await CollectAsync(orphan));
        Assert.False(await CollectAsync(larger));
        await Stores.AgeAsync(digest: null, Old);
        Assert.True(await CollectAsync(orphan));
        Assert.True(await CollectAsync(larger));
        Assert.False(await Retention.KeepManyAsync([.. kept, orphan], TestToken));
        Assert.True(await Retention.KeepManyAsync(kept, TestToken));
    }

    [Fact]
    public async Task Many_contents_that_a_writer_finds_again_are_young_again()
    {
        byte[][] contents = [RandomNumberGenerator.GetBytes(2_000), RandomNumberGenerator.GetBytes(80_000)];
        foreach (var content in contents)
        {
            await WriteAsync(content, Old);
        }

        await Stores.Contents.WriteManyAsync([.. contents.Select(static content => new ReadOnlyMemory<byte>(content))], TestToken);
        Assert.Empty(await ListAsync(Day));
        Assert.False(await CollectAsync(ArtifactDigest.Of(contents[0])));
        Assert.False(await CollectAsync(ArtifactDigest.Of(contents[1])));
    }

    [Fact]
    public async Task A_writer_of_many_of_which_one_is_collected_before_its_row_is_told()
    {
        byte[][] contents = [RandomNumberGenerator.GetBytes(100), RandomNumberGenerator.GetBytes(100)];
        ArtifactContent[] artifacts = [.. contents.Select(static content => new ArtifactContent(content, "text/plain"))];
        var digest = ArtifactDigest.Of(contents[1]);
        var rows = new HookedArtifactStore(Stores.Artifacts)
        {
            BeforeAdd = async () =>
            {
                await Stores.AgeAsync(digest, Old);
                await CollectAsync(digest);
            },
        };
        var vault = new ArtifactVault(rows, Stores.Contents, TimeProvider.System);
        var told = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await vault.PutManyAsync(artifacts, TestToken));
        Assert.Contains(digest.ToString(), told.Message, StringComparison.Ordinal);
        rows.BeforeAdd = null;
        Assert.Equal(contents.Select(static content => ArtifactDigest.Of(content)), await vault.PutManyAsync(artifacts, TestToken));
        Assert.Null(await vault.CheckAsync(digest, TestToken));
    }

    [Fact]
    public async Task A_writer_whose_content_is_collected_before_its_row_is_told_and_writes_both_again()
    {
        var content = RandomNumberGenerator.GetBytes(100);
        var digest = ArtifactDigest.Of(content);
        var rows = new HookedArtifactStore(Stores.Artifacts)
        {
            BeforeAdd = async () =>
            {
                // As after a pause of a day between the two.
                await Stores.AgeAsync(digest, Old);
                Assert.True(await CollectAsync(digest));
            },
        };
        var vault = new ArtifactVault(rows, Stores.Contents, TimeProvider.System);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await vault.PutAsync(content, "text/plain", cancellationToken: TestToken));
        rows.BeforeAdd = null;
        Assert.False((await vault.PutAsync(content, "text/plain", cancellationToken: TestToken)).Created);
        Assert.Null(await vault.CheckAsync(digest, TestToken));
    }

    [Fact]
    public async Task A_row_that_comes_after_the_listing_is_seen()
    {
        var content = RandomNumberGenerator.GetBytes(100);
        var orphan = await WriteAsync(content, Old);
        Assert.Equal([orphan], await ListAsync(Day));
        await Stores.Artifacts.AddAsync(
            new Artifact { Digest = orphan, Length = 100, Mime = "text/plain", CreatedTs = Samples.Instant }, TestToken);
        Assert.False(await CollectAsync(orphan));
        Assert.Null(await Vault.CheckAsync(orphan, TestToken));
    }

    [Fact]
    public async Task Nothing_acknowledged_loses_its_content_while_collections_with_no_grace_run()
    {
        var rounds = Trial.Size(40, 400);
        var active = new ConcurrentDictionary<ArtifactDigest, bool>();
        var acknowledged = new ConcurrentDictionary<ArtifactDigest, bool>();
        var (collected, refused) = (0, 0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var collectors = Enumerable.Range(0, 3).Select(number => Task.Run(CollectAsync)).ToArray();

        for (var round = 0; round < rounds; round++)
        {
            var content = RandomNumberGenerator.GetBytes(round % 10 == 0 ? 1_100_000 : 500);
            var digest = ArtifactDigest.Of(content);
            active[digest] = true;
            // Some die after the content, some are slow to write the row; where only one of these comes, nobody repairs what it misses.
            await Task.WhenAll(Enumerable.Range(0, round % 2 == 0 ? 2 : 4).Select(writer => Task.Run(() => WriteAsync(content, digest, writer))));
            active.TryRemove(digest, out _);
        }

        await stop.CancelAsync();
        await Task.WhenAll(collectors);
        var lost = 0;
        foreach (var digest in acknowledged.Keys)
        {
            lost += await Vault.CheckAsync(digest, TestToken) is null ? 0 : 1;
        }

        Trial.Report(
            $"Collections with no grace beside writers ({Backend.Name})",
            $"{acknowledged.Count} artifacts acknowledged, {lost} without content; {collected} contents collected, {refused} writes refused and repeated");
        Assert.Equal(0, lost);
        Assert.NotEmpty(acknowledged);
        Assert.NotEqual(0, collected);

        async Task WriteAsync(byte[] content, ArtifactDigest digest, int writer)
        {
            var rows = new HookedArtifactStore(Stores.Artifacts) { BeforeAdd = () => Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(4)), TimeProvider.System, TestToken) };
            var vault = new ArtifactVault(rows, Stores.Contents, TimeProvider.System);
            // A caller that gives up has no acknowledgement.
            for (var attempt = 0; attempt < 5; attempt++)
            {
                try
                {
                    if (writer == 0)
                    {
                        await Stores.Contents.WriteAsync(new OneWayStream(content), digest, TestToken);
                        return;
                    }

                    if (writer == 2)
                    {
                        await vault.PutManyAsync([new ArtifactContent(content, "text/plain"), new ArtifactContent(digest.ToArray(), "text/plain")], TestToken);
                    }
                    else
                    {
                        await vault.PutAsync(content, "text/plain", cancellationToken: TestToken);
                    }

                    acknowledged[digest] = true;
                    return;
                }
                catch (StoreUnavailableException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }

        async Task CollectAsync()
        {
            for (var turn = 0; !stop.IsCancellationRequested; turn++)
            {
                foreach (var digest in active.Keys)
                {
                    if (await Retention.CollectAsync(digest, TimeSpan.Zero, Stores.Artifacts, TestToken))
                    {
                        Interlocked.Increment(ref collected);
                    }
                }

                // Another host's sweep begins, and takes what is being collected for something left behind.
                if (turn % 20 == 0)
                {
                    await Retention.ListOldAsync(Day, TestToken).CountAsync(TestToken);
                }

                await Task.Yield();
            }
        }
    }

    private async Task<ArtifactDigest> WriteAsync(byte[] content, TimeSpan? age)
    {
        var digest = (await Stores.Contents.WriteAsync(new OneWayStream(content), expected: null, TestToken)).Digest;
        if (age is { } old)
        {
            await Stores.AgeAsync(digest, old);
        }

        return digest;
    }

    private Task<List<ArtifactDigest>> ListAsync(TimeSpan age) => ReadAllAsync(Retention.ListOldAsync(age, TestToken));

    private ValueTask<bool> CollectAsync(ArtifactDigest digest, TimeSpan? age = null) =>
        Retention.CollectAsync(digest, age ?? Day, Stores.Artifacts, TestToken);

    private async Task AssertThereAsync(ArtifactDigest digest)
    {
        await using var stream = await Stores.Contents.OpenAsync(digest, TestToken);
        Assert.NotNull(stream);
        Assert.Equal(digest, new ArtifactDigest(await SHA256.HashDataAsync(stream, TestToken)));
    }
}
