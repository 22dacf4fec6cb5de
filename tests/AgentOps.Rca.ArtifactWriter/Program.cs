// Stores one artifact in a process of its own, so that tests can kill it, starve it and measure it.
// Usage: ArtifactWriter <directory> <file, or - for standard input>
// Prints: digest, length, milliseconds, growth of the peak working set in bytes. Exit code 3: the store was unavailable.
using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.InMemory;

// strace counts calls by thread: in a pool of one thread, which the tests give it, the nth fsync is the nth of the process.
return await Task.Run(StoreAsync);

async Task<int> StoreAsync()
{
    var contents = new FileSystemArtifactContentStore(args[0]);
    var vault = new ArtifactVault(new InMemoryArtifactStore(), contents, TimeProvider.System);
    await using var source = args[1] == "-"
        ? Console.OpenStandardInput()
        : new FileStream(args[1], FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
    using var process = Process.GetCurrentProcess();
    var before = process.WorkingSet64;
    var watch = Stopwatch.StartNew();
    try
    {
        var write = await vault.PutAsync(source, "application/octet-stream");
        var elapsed = watch.ElapsedMilliseconds;
        process.Refresh();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{write.Artifact.Digest} {write.Artifact.Length} {elapsed} {process.PeakWorkingSet64 - before}"));
        return 0;
    }
    catch (StoreUnavailableException failure)
    {
        Console.WriteLine(failure.Message);
        return 3;
    }
}
