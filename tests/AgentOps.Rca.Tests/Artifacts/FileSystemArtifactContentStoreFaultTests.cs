using System.Globalization;
using System.Text.RegularExpressions;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Tests.Artifacts;

/// <summary>Real faults, injected into the system calls of a process that stores one artifact.</summary>
public sealed partial class FileSystemArtifactContentStoreFaultTests : IDisposable
{
    private const int Length = 1_500_000;

    private readonly TemporaryDirectory _temporary = new();
    private readonly string _source;
    private readonly string _directory;

    public FileSystemArtifactContentStoreFaultTests()
    {
        _source = Path.Combine(_temporary.Path, "source");
        _directory = Path.Combine(_temporary.Path, "store");
        File.WriteAllBytes(_source, GeneratedStream.Bytes(Length));
    }

    private static ArtifactDigest Digest => ArtifactDigest.Of(GeneratedStream.Bytes(Length));

    private string Name => Path.Combine(_directory, FileSystemArtifactContentStoreTests.PathOf(Digest));

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Bytes_reach_the_disk_before_their_name_and_the_name_before_the_answer()
    {
        ArtifactWriterProcess.RequireStrace();
        var log = Path.Combine(_temporary.Path, "log");
        await ArtifactWriterProcess.RunAsync(
            _directory, _source, "-y", "-o", log, "-e", "trace=fsync,?rename,?renameat,?renameat2");
        var calls = Calls().Matches(await File.ReadAllTextAsync(log))
            .Select(call => call.Groups["path"] is { Success: true, Value: var path }
                ? path.EndsWith(".part", StringComparison.Ordinal) ? "content" : path
                : "rename");
        Assert.Equal([_temporary.Path, _directory, _directory, "content", "rename", Path.GetDirectoryName(Name)], calls);
    }

    [Fact]
    public async Task No_fsync_may_fail_without_failing_the_write()
    {
        ArtifactWriterProcess.RequireStrace();
        var failures = 0;
        while (true)
        {
            var nth = (failures + 1).ToString(CultureInfo.InvariantCulture);
            var (exitCode, output) = await ArtifactWriterProcess.RunAsync(
                _directory, _source, "-e", "trace=fsync", "-e", $"inject=fsync:error=EIO:when={nth}");
            if (exitCode == 0)
            {
                break;
            }

            failures++;
            Assert.Equal(3, exitCode);
            Assert.StartsWith($"The artifact directory '{_directory}' could not be written", output, StringComparison.Ordinal);
            Assert.Contains("Input/output error", output, StringComparison.Ordinal);
            AssertNothingHalf();
            if (Directory.Exists(_directory))
            {
                Directory.Delete(_directory, recursive: true);
            }
        }

        // The store's name, the incoming directory's, the shard's, the content itself, and the content's name.
        Assert.Equal(5, failures);
        Assert.True(File.Exists(Name));
    }

    [Fact]
    public async Task Content_whose_fsync_failed_is_not_visible()
    {
        ArtifactWriterProcess.RequireStrace();
        await new FileSystemArtifactContentStore(_directory).WriteAsync(new GeneratedStream(1));
        var before = _temporary.Files.ToList();

        // On a directory that is there: its own name, the incoming directory's, the new shard's, then the content.
        var (exitCode, _) = await ArtifactWriterProcess.RunAsync(
            _directory, _source, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=4");
        Assert.Equal(3, exitCode);
        Assert.Equal(before, _temporary.Files);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task A_full_disk_is_an_unavailable_store_and_leaves_nothing(int nthWrite)
    {
        ArtifactWriterProcess.RequireStrace();
        var nth = nthWrite.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllBytesAsync(_source, GeneratedStream.Bytes(16 * 1024 * 1024));
        var (exitCode, output) = await ArtifactWriterProcess.RunAsync(
            _directory, _source, "-e", "trace=pwrite64", "-e", $"inject=pwrite64:error=ENOSPC:when={nth}");
        Assert.Equal(3, exitCode);
        Assert.StartsWith($"The artifact directory '{_directory}' could not be written: No space left on device", output, StringComparison.Ordinal);
        Assert.Equal(["source"], _temporary.Files);
    }

    [Fact]
    public async Task A_crash_just_before_the_content_gets_its_name_leaves_only_an_ignored_leftover()
    {
        ArtifactWriterProcess.RequireStrace();
        await ArtifactWriterProcess.RunAsync(
            _directory, _source, "-e", "trace=?rename,?renameat,?renameat2", "-e", "inject=?rename,?renameat,?renameat2:signal=KILL");
        var leftover = Assert.Single(Directory.GetFiles(_directory, "*", SearchOption.AllDirectories));
        Assert.Equal(Path.Combine(_directory, "incoming"), Path.GetDirectoryName(leftover));

        var store = new FileSystemArtifactContentStore(_directory);
        Assert.Null(await store.OpenAsync(Digest));
        await store.WriteAsync(new GeneratedStream(Length));
        Assert.Equal(GeneratedStream.Bytes(Length), await File.ReadAllBytesAsync(Name));
        Assert.True(File.Exists(leftover));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_process_killed_in_the_middle_of_an_upload_leaves_nothing_visible()
    {
        using var process = ArtifactWriterProcess.Start(_directory, "-");
        await process.StandardInput.BaseStream.WriteAsync(GeneratedStream.Bytes(Length));
        await process.StandardInput.BaseStream.FlushAsync();
        var incoming = Path.Combine(_directory, "incoming");
        while (!Directory.Exists(incoming) || Directory.GetFiles(incoming) is not [var file] || new FileInfo(file).Length == 0)
        {
            Assert.False(process.HasExited);
            await Task.Delay(10);
        }

        process.Kill();
        await process.WaitForExitAsync();
        Assert.Null(await new FileSystemArtifactContentStore(_directory).OpenAsync(Digest));
        Assert.Equal([incoming], Directory.GetDirectories(_directory));
    }

    [Fact]
    public async Task Four_processes_that_store_the_same_bytes_make_one_file()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ArtifactWriterProcess.RunAsync(_directory, _source)));
        Assert.All(results, result => Assert.Equal(0, result.ExitCode));
        Assert.All(results, result => Assert.StartsWith($"{Digest} {Length} ", result.Output, StringComparison.Ordinal));
        Assert.Equal([Name], Directory.GetFiles(_directory, "*", SearchOption.AllDirectories));
    }

    [GeneratedRegex(@"fsync\(\d+<(?<path>[^>]+)>|rename\w*\(")]
    private static partial Regex Calls();

    // Whatever has a digest's name has that digest, and no leftovers lie about.
    private void AssertNothingHalf()
    {
        foreach (var file in _temporary.Files.Where(file => file != "source"))
        {
            Assert.Equal(Path.GetFileName(file), ArtifactDigest.Of(File.ReadAllBytes(Path.Combine(_temporary.Path, file))).ToString());
        }
    }
}
