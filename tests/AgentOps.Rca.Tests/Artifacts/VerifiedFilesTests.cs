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

    private static long ReadByThisProcess() =>
        long.Parse(File.ReadLines("/proc/self/io").First(static line => line.StartsWith("rchar:", StringComparison.Ordinal)).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
}
