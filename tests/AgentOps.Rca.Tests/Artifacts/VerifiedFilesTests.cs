using System.IO.Hashing;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Tests.Artifacts;

/// <summary>A large file that was found intact is not hashed again for a byte; one that somebody has touched since is.</summary>
public sealed class VerifiedFilesTests : IDisposable
{
    private const int Large = 3 * 1024 * 1024;

    private readonly TemporaryDirectory _temporary = new();
    private readonly ArtifactVault _vault;

    public VerifiedFilesTests() =>
        _vault = new ArtifactVault(new InMemoryArtifactStore(), new FileSystemArtifactContentStore(_temporary.Path), TimeProvider.System);

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_byte_that_is_changed_after_a_read_is_found_by_the_next_whatever_time_of_writing_the_file_says(bool setsTimeBack)
    {
        var digest = (await _vault.PutAsync(new MemoryStream(new byte[Large]), "application/octet-stream")).Artifact.Digest;
        var path = Path.Combine(_temporary.Path, FileSystemArtifactContentStoreTests.PathOf(digest));
        await Task.Delay(TimeSpan.FromSeconds(1.2));
        for (var n = 0; n < 3; n++)
        {
            await using var content = (await _vault.OpenVerifiedAsync(digest)).Content!;
            content.Position = Large - 1;
            Assert.Equal(0, content.ReadByte());
        }

        var time = File.GetLastWriteTimeUtc(path);
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Position = Large - 1;
            file.WriteByte(1);
        }

        if (setsTimeBack)
        {
            File.SetLastWriteTimeUtc(path, time);
        }

        Assert.IsType<ArtifactFault.Corrupt>((await _vault.OpenVerifiedAsync(digest)).Fault);
        Assert.IsType<ArtifactFault.Corrupt>(await _vault.CheckAsync(digest));
    }

    [Fact]
    public async Task Many_who_ask_at_once_have_it_read_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere the platform does not tell when a file was changed.");
        var digest = (await _vault.PutAsync(new MemoryStream(new byte[Large]), "application/octet-stream")).Artifact.Digest;
        await Task.Delay(TimeSpan.FromSeconds(1.2));
        var before = ReadByThisProcess();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            await using var content = (await _vault.OpenVerifiedAsync(digest)).Content!;
            Assert.Equal(Large, content.Length);
        }));

        // Half of the processors may hash at once; others of this process read as well.
        Assert.InRange(ReadByThisProcess() - before, Large, 100L * Large);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(Large)]
    public async Task The_sum_that_an_archive_needs_is_made_in_the_reading_that_verifies(int length)
    {
        var content = new byte[length];
        new Random(1).NextBytes(content);
        var digest = (await _vault.PutAsync(content, "application/octet-stream")).Artifact.Digest;
        var contents = new CountingContents(new FileSystemArtifactContentStore(_temporary.Path));
        var rows = new InMemoryArtifactStore();
        await rows.AddAsync((await _vault.GetAsync(digest))!);
        var vault = new ArtifactVault(rows, contents, TimeProvider.System);

        var sum = await vault.SumAsync(digest, TestContext.Current.CancellationToken);

        Assert.Equal(Crc32.HashToUInt32(content), sum.Content);
        Assert.Equal(length, contents.BytesRead);

        await using (var file = new FileStream(Path.Combine(_temporary.Path, FileSystemArtifactContentStoreTests.PathOf(digest)), FileMode.Open, FileAccess.Write))
        {
            file.WriteByte((byte)(content[0] ^ 1));
        }

        Assert.IsType<ArtifactFault.Corrupt>((await _vault.SumAsync(digest, TestContext.Current.CancellationToken)).Fault);
    }

    private sealed class CountingContents(FileSystemArtifactContentStore inner) : IArtifactContentStore
    {
        public long BytesRead { get; private set; }

        public ValueTask<StoredContent> WriteAsync(Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(content, expected, cancellationToken);

        public async ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
        {
            await using var stream = (await inner.OpenAsync(digest, cancellationToken))!;
            var copy = new MemoryStream();
            await stream.CopyToAsync(copy, cancellationToken);
            return new CountingStream(copy.ToArray(), read => BytesRead += read);
        }
    }

    private sealed class CountingStream(byte[] content, Action<int> count) : MemoryStream(content, writable: false)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            count(read);
            return read;
        }
    }

    private static long ReadByThisProcess() =>
        long.Parse(File.ReadLines("/proc/self/io").First(static line => line.StartsWith("rchar:", StringComparison.Ordinal)).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
}
