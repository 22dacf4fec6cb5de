using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Testing;

/// <summary>What every <see cref="IArtifactContentStore"/> does. A backend subclasses it and adds nothing.</summary>
/// <param name="backend">The backend under test.</param>
public abstract class ArtifactContentStoreSuite(StoreBackend backend) : StoreSuite(backend)
{
    /// <inheritdoc/>
    protected sealed override object StoreUnderTest => Contents;

    private IArtifactContentStore Contents => Stores.Contents;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(81_920)]
    [InlineData(3_000_001)]
    public async Task Bytes_come_back_as_they_were_written(int length)
    {
        var content = Bytes(length);
        using var stream = new OneWayStream(content);
        var stored = await Contents.WriteAsync(stream, expected: null, TestToken);
        Assert.Equal(new StoredContent(ArtifactDigest.Of(content), length), stored);
        Assert.False(stream.IsDisposed);
        Assert.Equal(content, await ReadAsync(stored.Digest));
    }

    [Fact]
    public async Task Unknown_content_is_null()
    {
        await WriteAsync(Bytes(10));
        Assert.Null(await Contents.OpenAsync(ArtifactDigest.Of(Bytes(11)), TestToken));
        Assert.Null(await Contents.OpenAsync(default, TestToken));
        Assert.Null(await Contents.OpenAsync(ArtifactDigest.Empty, TestToken));
    }

    [Fact]
    public async Task The_same_bytes_may_be_written_again()
    {
        var content = Bytes(1_000);
        Assert.Equal(await WriteAsync(content), await WriteAsync(content, ArtifactDigest.Of(content)));
        Assert.Equal(content, await ReadAsync(ArtifactDigest.Of(content)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200_000)]
    public async Task Bytes_that_do_not_match_leave_nothing(int length)
    {
        var content = Bytes(length);
        var wanted = ArtifactDigest.Of(Bytes(7));
        var mismatch = await Assert.ThrowsAsync<ArtifactDigestMismatchException>(async () => await WriteAsync(content, wanted));
        Assert.Equal((wanted, ArtifactDigest.Of(content)), (mismatch.Expected, mismatch.Actual));
        Assert.Null(await Contents.OpenAsync(wanted, TestToken));
        Assert.Null(await Contents.OpenAsync(ArtifactDigest.Of(content), TestToken));
    }

    [Fact]
    public async Task Bytes_that_do_not_match_leave_what_was_there()
    {
        var content = Bytes(500);
        await WriteAsync(content);
        await Assert.ThrowsAsync<ArtifactDigestMismatchException>(async () => await WriteAsync(Bytes(501), ArtifactDigest.Of(content)));
        Assert.Equal(content, await ReadAsync(ArtifactDigest.Of(content)));
    }

    [Fact]
    public async Task A_stream_that_is_cut_off_leaves_nothing()
    {
        var content = Bytes(300_000);
        using var stream = new OneWayStream(content, failAfter: 200_000);
        await Assert.ThrowsAsync<IOException>(async () => await Contents.WriteAsync(stream, expected: null, TestToken));
        Assert.Null(await Contents.OpenAsync(ArtifactDigest.Of(content), TestToken));
        Assert.Null(await Contents.OpenAsync(ArtifactDigest.Of(content.AsSpan(0, 200_000)), TestToken));
    }

    [Fact]
    public async Task A_write_that_is_cancelled_leaves_nothing()
    {
        var content = Bytes(100_000);
        using var stream = new OneWayStream(content);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Contents.WriteAsync(stream, expected: null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Contents.OpenAsync(ArtifactDigest.Of(content), cancelled));
        Assert.Null(await Contents.OpenAsync(ArtifactDigest.Of(content), TestToken));
    }

    [Fact]
    public async Task The_opened_stream_can_be_sought()
    {
        var content = Bytes(100_000);
        var stored = await WriteAsync(content);
        await using var stream = await Contents.OpenAsync(stored.Digest, TestToken);
        Assert.NotNull(stream);
        Assert.True(stream.CanSeek);
        Assert.Equal(content.Length, stream.Length);
        foreach (var offset in (int[])[99_990, 0, 50_000])
        {
            stream.Position = offset;
            var part = new byte[10];
            await stream.ReadExactlyAsync(part, TestToken);
            Assert.Equal(content[offset..(offset + 10)], part);
        }
    }

    [Fact]
    public async Task Many_writers_of_the_same_bytes_all_succeed()
    {
        var content = Bytes(50_000);
        var stored = await RaceAsync(_ => WriteAsync(content));
        Assert.Single(stored.Distinct());
        Assert.Equal(content, await ReadAsync(stored[0].Digest));
    }

    [Fact]
    public async Task Many_writers_of_different_bytes_do_not_meet()
    {
        var stored = await RaceAsync(racer => WriteAsync(Bytes(10_000 + racer)));
        for (var racer = 0; racer < Racers; racer++)
        {
            Assert.Equal(Bytes(10_000 + racer), await ReadAsync(stored[racer].Digest));
        }
    }

    [Fact]
    public async Task Many_contents_that_are_written_at_once_all_come_back()
    {
        byte[][] contents =
        [
            Bytes(0), Bytes(1), Bytes(1_000), Bytes(65_536), Bytes(65_537), Bytes(1_048_576), Bytes(2_100_000), Bytes(1_000),
            .. Enumerable.Range(2_000, 200).Select(Bytes),
        ];
        await WriteAsync(contents[2]);
        await WriteAsync(contents[5]);
        Assert.Equal(contents.Select(Stored), await WriteManyAsync(contents));
        Assert.Equal(contents.Select(Stored), await WriteManyAsync(contents));
        foreach (var content in contents)
        {
            Assert.Equal(content, await ReadAsync(ArtifactDigest.Of(content)));
        }

        Assert.Empty(await WriteManyAsync([]));
    }

    [Fact]
    public async Task Many_writers_of_the_same_contents_at_once_all_succeed()
    {
        byte[][] contents = [.. Enumerable.Range(1_000, 60).Select(Bytes), Bytes(70_000), Bytes(80_000)];
        var stored = await RaceAsync(async racer =>
        {
            byte[][] own = [.. racer % 2 == 0 ? contents : contents.Reverse(), Bytes(10_000 + racer)];
            return (Written: await WriteManyAsync(own), Wanted: own);
        });
        Assert.All(stored, static pair => Assert.Equal(pair.Wanted.Select(Stored), pair.Written));
        foreach (var content in stored.SelectMany(static pair => pair.Wanted).Distinct())
        {
            Assert.Equal(content, await ReadAsync(ArtifactDigest.Of(content)));
        }
    }

    [Fact]
    public async Task A_write_of_many_that_is_cancelled_before_it_starts_leaves_nothing()
    {
        byte[][] contents = [Bytes(1_000), Bytes(100_000)];
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await WriteManyAsync(contents, cancelled));
        Assert.Null(await Contents.OpenAsync(ArtifactDigest.Of(contents[0]), TestToken));
        Assert.Null(await Contents.OpenAsync(ArtifactDigest.Of(contents[1]), TestToken));
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(90_000)]
    public async Task Content_that_was_damaged_is_replaced_by_the_next_write_of_many(int length)
    {
        SkipUnless(Backend.CanCorruptContent, "cannot be damaged from outside");
        byte[][] contents = [Bytes(10), Bytes(length), Bytes(20)];
        await WriteManyAsync(contents);
        await Stores.CorruptAsync(ArtifactDigest.Of(contents[1]));
        Assert.NotEqual(contents[1], await ReadAsync(ArtifactDigest.Of(contents[1])));
        Assert.Equal(contents.Select(Stored), await WriteManyAsync(contents));
        Assert.Equal(contents[1], await ReadAsync(ArtifactDigest.Of(contents[1])));
    }

    [Fact]
    public async Task Content_that_was_damaged_is_replaced_by_the_next_write()
    {
        SkipUnless(Backend.CanCorruptContent, "cannot be damaged from outside");
        var content = Bytes(5_000);
        var stored = await WriteAsync(content);
        await Stores.CorruptAsync(stored.Digest);
        Assert.NotEqual(content, await ReadAsync(stored.Digest));
        Assert.Equal(stored, await WriteAsync(content));
        Assert.Equal(content, await ReadAsync(stored.Digest));
    }

    [Fact]
    public async Task What_was_written_is_there_after_the_store_is_reopened()
    {
        SkipUnless(Backend.IsDurable, "keeps nothing beyond the process");
        var content = Bytes(5_000);
        var stored = await WriteAsync(content);
        await Stores.ReopenAsync();
        Assert.Equal(content, await ReadAsync(stored.Digest));
    }

    private static StoredContent Stored(byte[] content) => new(ArtifactDigest.Of(content), content.Length);

    private ValueTask<IReadOnlyList<StoredContent>> WriteManyAsync(byte[][] contents, CancellationToken? cancellationToken = null) =>
        Contents.WriteManyAsync([.. contents.Select(static content => new ReadOnlyMemory<byte>(content))], cancellationToken ?? TestToken);

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private async Task<StoredContent> WriteAsync(byte[] content, ArtifactDigest? expected = null)
    {
        using var stream = new OneWayStream(content);
        return await Contents.WriteAsync(stream, expected, TestToken);
    }

    private async Task<byte[]> ReadAsync(ArtifactDigest digest)
    {
        await using var stream = await Contents.OpenAsync(digest, TestToken);
        Assert.NotNull(stream);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, TestToken);
        return copy.ToArray();
    }
}
