using System.Globalization;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Artifacts;

[Collection(RunsAlone.Name)]
public sealed class ArtifactMemoryTests
{
    private const long Mebibyte = 1024 * 1024;

    [Fact]
    public async Task An_upload_and_a_download_allocate_little_however_long_they_are()
    {
        using var temporary = new TemporaryDirectory();
        var vault = new ArtifactVault(new InMemoryArtifactStore(), new FileSystemArtifactContentStore(temporary.Path), TimeProvider.System);
        await vault.PutAsync(new GeneratedStream(3 * Mebibyte), "a/b");

        var before = GC.GetTotalAllocatedBytes(precise: true);
        var digest = (await vault.PutAsync(new GeneratedStream(64 * Mebibyte), "a/b")).Artifact.Digest;
        await using (var content = (await vault.OpenVerifiedAsync(digest)).Content!)
        {
            await content.CopyToAsync(Stream.Null);
        }

        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(allocated < 4 * Mebibyte, $"{allocated} bytes were allocated.");
    }

    [Fact]
    public async Task A_process_that_stores_a_large_file_grows_by_less_than_64_MiB()
    {
        var length = Trial.Size(64, 1024) * Mebibyte;
        using var temporary = new TemporaryDirectory();
        var source = Path.Combine(temporary.Path, "source");
        await using (var file = File.Create(source))
        {
            await new GeneratedStream(length).CopyToAsync(file);
        }

        var (exitCode, output) = await ArtifactWriterProcess.RunAsync(Path.Combine(temporary.Path, "store"), source);
        Assert.Equal(0, exitCode);
        var parts = output.Split(' ');
        Assert.Equal(length, long.Parse(parts[1], CultureInfo.InvariantCulture));
        var growth = long.Parse(parts[3], CultureInfo.InvariantCulture);
        Assert.True(growth < 64 * Mebibyte, $"The peak working set grew by {growth} bytes.");
    }
}
