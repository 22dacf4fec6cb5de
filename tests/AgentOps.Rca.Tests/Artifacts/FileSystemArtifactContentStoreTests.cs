using AgentOps.Rca.Artifacts;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Artifacts;

public sealed class FileSystemArtifactContentStoreTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();
    private readonly FileSystemArtifactContentStore _store;

    public FileSystemArtifactContentStoreTests() => _store = new FileSystemArtifactContentStore(_temporary.Path);

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ContentPump.BufferSize - 1)]
    [InlineData(ContentPump.BufferSize)]
    [InlineData(ContentPump.BufferSize + 1)]
    [InlineData(3 * ContentPump.BufferSize)]
    [InlineData((10 * 1024 * 1024) + 7)]
    public async Task Content_lies_whole_under_its_digest(int length)
    {
        var bytes = GeneratedStream.Bytes(length);
        var stored = await _store.WriteAsync(new GeneratedStream(length));
        Assert.Equal(new StoredContent(ArtifactDigest.Of(bytes), length), stored);
        Assert.Equal([PathOf(stored.Digest)], _temporary.Files);
        Assert.Equal(bytes, await ReadAsync(stored.Digest));
    }

    [Fact]
    public async Task Bytes_that_trickle_in_are_stored_whole()
    {
        var stored = await _store.WriteAsync(new GeneratedStream(100, atMost: 7, TimeSpan.FromMilliseconds(2)));
        Assert.Equal(GeneratedStream.Bytes(100), await ReadAsync(stored.Digest));
        var many = await _store.WriteAsync(new GeneratedStream(1_000_003, atMost: 4099));
        Assert.Equal(ArtifactDigest.Of(GeneratedStream.Bytes(1_000_003)), many.Digest);
    }

    [Fact]
    public async Task Only_the_owner_may_read_files_and_directories()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no Unix file modes.");
            return;
        }

        var store = new FileSystemArtifactContentStore(Path.Combine(_temporary.Path, "made", "deep"));
        var path = Path.Combine(store.DirectoryPath, PathOf((await store.WriteAsync(new GeneratedStream(9))).Digest));
        const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(ReadWrite, File.GetUnixFileMode(path));
        Assert.Equal(ReadWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        Assert.Equal(ReadWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(store.DirectoryPath));
    }

    [Fact]
    public async Task Other_bytes_than_expected_leave_no_file()
    {
        var expected = ArtifactDigest.Of("something else"u8);
        var failure = await Assert.ThrowsAsync<ArtifactDigestMismatchException>(
            async () => await _store.WriteAsync(new GeneratedStream(1_000_000), expected));
        Assert.Equal(expected, failure.Expected);
        Assert.Equal(ArtifactDigest.Of(GeneratedStream.Bytes(1_000_000)), failure.Actual);
        Assert.Empty(_temporary.Files);
    }

    [Fact]
    public async Task Expected_bytes_are_stored()
    {
        var digest = ArtifactDigest.Of(GeneratedStream.Bytes(77));
        Assert.Equal(digest, (await _store.WriteAsync(new GeneratedStream(77), digest)).Digest);
    }

    [Fact]
    public async Task A_cancelled_upload_leaves_no_file()
    {
        using var cancellation = new CancellationTokenSource();
        var source = new GeneratedStream(4_000_000, atMost: 10_000)
        {
            BeforeRead = position =>
            {
                if (position > 2_000_000)
                {
                    cancellation.Cancel();
                }
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await _store.WriteAsync(source, cancellationToken: cancellation.Token));
        Assert.Empty(_temporary.Files);
    }

    [Fact]
    public async Task The_failure_of_the_source_passes_through_and_leaves_no_file()
    {
        var source = new GeneratedStream(4_000_000)
        {
            BeforeRead = position => _ = position > 2_000_000 ? throw new IOException("The client went away.") : 0,
        };
        var failure = await Assert.ThrowsAsync<IOException>(async () => await _store.WriteAsync(source));
        Assert.Equal("The client went away.", failure.Message);
        Assert.Empty(_temporary.Files);
    }

    [Fact]
    public async Task Sixty_four_simultaneous_uploads_of_the_same_bytes_make_one_file()
    {
        var uploads = Enumerable.Range(0, 64).Select(i => Task.Run(async () =>
        {
            // Half of the callers come through a store of their own, as another process would.
            var store = i % 2 == 0 ? _store : new FileSystemArtifactContentStore(_temporary.Path);
            return await store.WriteAsync(new GeneratedStream(600_000, atMost: 50_000));
        }));
        var stored = Assert.Single((await Task.WhenAll(uploads)).Distinct());
        Assert.Equal([PathOf(stored.Digest)], _temporary.Files);
        Assert.Equal(GeneratedStream.Bytes(600_000), await ReadAsync(stored.Digest));
    }

    [Fact]
    public async Task Known_content_is_not_written_again()
    {
        var digest = (await _store.WriteAsync(new GeneratedStream(500_000))).Digest;
        var path = Path.Combine(_temporary.Path, PathOf(digest));
        // What is older than half an hour would be made young again, for it may be about to be collected.
        var written = TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(1);
        File.SetLastWriteTimeUtc(path, written);
        await _store.WriteAsync(new GeneratedStream(500_000));
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        Assert.Single(_temporary.Files);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("cut")]
    [InlineData("longer")]
    public async Task Content_that_no_longer_matches_is_replaced_by_the_next_upload(string damage)
    {
        var digest = (await _store.WriteAsync(new GeneratedStream(500_000))).Digest;
        Damage(Path.Combine(_temporary.Path, PathOf(digest)), damage);
        await using var opened = await _store.OpenAsync(digest);
        await _store.WriteAsync(new GeneratedStream(500_000));
        Assert.Equal(GeneratedStream.Bytes(500_000), await ReadAsync(digest));
    }

    [Fact]
    public async Task Unknown_content_is_null_even_when_the_directory_is_not_there()
    {
        Assert.Null(await _store.OpenAsync(ArtifactDigest.Empty));
        Assert.Null(await new FileSystemArtifactContentStore(Path.Combine(_temporary.Path, "none")).OpenAsync(ArtifactDigest.Empty));
    }

    [Fact]
    public async Task Leftovers_of_a_crash_are_deleted_once_they_are_a_day_old_and_nobody_holds_them()
    {
        var incoming = Directory.CreateDirectory(Path.Combine(_temporary.Path, "incoming")).FullName;
        var (old, held, young) = (Path.Combine(incoming, "old.part"), Path.Combine(incoming, "held.part"), Path.Combine(incoming, "young.part"));
        var now = DateTimeOffset.Parse("2030-06-01T00:00:00Z", null);
        await using var holder = new FileStream(held, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        await File.WriteAllTextAsync(old, "half");
        await File.WriteAllTextAsync(young, "half");
        File.SetLastWriteTimeUtc(old, now.UtcDateTime.AddHours(-25));
        File.SetLastWriteTimeUtc(holder.SafeFileHandle, now.UtcDateTime.AddHours(-25));
        File.SetLastWriteTimeUtc(young, now.UtcDateTime.AddHours(-23));

        var store = new FileSystemArtifactContentStore(_temporary.Path, new FakeTimeProvider(now));
        await store.WriteAsync(new GeneratedStream(3));
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(held));
        Assert.True(File.Exists(young));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_an_unavailable_store_that_is_named()
    {
        var blocked = Path.Combine(_temporary.Path, "file");
        await File.WriteAllTextAsync(blocked, "");
        var store = new FileSystemArtifactContentStore(Path.Combine(blocked, "store"));
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.WriteAsync(new GeneratedStream(1)));
        Assert.Contains($"'{store.DirectoryPath}'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_deleted_under_a_running_host_is_made_again()
    {
        await _store.WriteAsync(new GeneratedStream(1));
        Directory.Delete(_temporary.Path, recursive: true);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _store.WriteAsync(new GeneratedStream(1)));
        var stored = await _store.WriteAsync(new GeneratedStream(1));
        Assert.Equal(GeneratedStream.Bytes(1), await ReadAsync(stored.Digest));
    }

    internal static string PathOf(ArtifactDigest digest) => Path.Combine(digest.ToString()[..2], digest.ToString());

    internal static void Damage(string path, string damage)
    {
        using var file = new FileStream(path, FileMode.Open);
        switch (damage)
        {
            case "changed":
                file.Position = file.Length / 2;
                var bits = file.ReadByte();
                file.Position = file.Length / 2;
                file.WriteByte((byte)(bits ^ 1));
                break;
            case "cut":
                file.SetLength(file.Length - 1);
                break;
            default:
                file.SetLength(file.Length + 1);
                break;
        }
    }

    private async Task<byte[]> ReadAsync(ArtifactDigest digest)
    {
        await using var content = (await _store.OpenAsync(digest))!;
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
