using AgentOps.Rca.Bundles.Streams;

namespace AgentOps.Rca.Tool.Files;

/// <summary>
/// Where the tool keeps what it reads: in memory, and for large files in a SQLite file in a directory of its own among the temporary files, which
/// goes when the command ends. It has the standard input, too, since nobody knows how much that is before it was read.
/// </summary>
internal sealed class TemporaryStore : IAsyncDisposable
{
    private const string StandardInput = "-";

    // What is read takes about as much memory as the file has bytes; below this nobody minds, and memory is quicker.
    private const long MostInMemory = 32 * 1024 * 1024;

    // Packed text becomes about ten times as long.
    private const long MostPacked = MostInMemory / 10;

    private Spool? _input;
    private DirectoryInfo? _directory;

    /// <summary>The SQLite file; null when it is all in memory.</summary>
    public string? Database => _directory is null ? null : Path.Combine(_directory.FullName, "rca.db");

    /// <summary>The directory of large artifacts; null when it is all in memory.</summary>
    public string? Artifacts => _directory is null ? null : Path.Combine(_directory.FullName, "artifacts");

    /// <summary>A store that these files fit into.</summary>
    public static async Task<TemporaryStore> ForAsync(IEnumerable<string?> files, CancellationToken cancellationToken)
    {
        var store = new TemporaryStore();
        try
        {
            var isLarge = false;
            foreach (var name in files.OfType<string>())
            {
                isLarge |= name == StandardInput ? await store.ReadInputAsync(cancellationToken).ConfigureAwait(false) > MostInMemory : IsLarge(name);
            }

            store._directory = isLarge ? Directory.CreateTempSubdirectory("agentops-rca-") : null;
            return store;
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a file, or the standard input.</summary>
    /// <exception cref="UnreadableFileException">There is no such file, or it cannot be opened.</exception>
    public Stream Open(string name) => name == StandardInput && _input is not null ? _input.OpenRead() : FileOpener.Open(name);

    public async ValueTask DisposeAsync()
    {
        if (_input is not null)
        {
            await _input.DisposeAsync().ConfigureAwait(false);
        }

        try
        {
            _directory?.Delete(recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It lies where the system clears up.
        }
    }

    private async Task<long> ReadInputAsync(CancellationToken cancellationToken)
    {
        _input = new Spool();
        var input = Console.OpenStandardInput();
        await using var inputDisposal = input.ConfigureAwait(false);
        await input.CopyToAsync(_input, cancellationToken).ConfigureAwait(false);
        return _input.Count;
    }

    private static bool IsLarge(string name)
    {
        var file = new FileInfo(name);
        return file.Exists && file.Length > MostPacked && (file.Length > MostInMemory || IsPacked(name));
    }

    private static bool IsPacked(string name)
    {
        Span<byte> head = stackalloc byte[2];
        try
        {
            using var file = File.OpenRead(name);
            return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head is [0x1F, 0x8B] or [(byte)'P', (byte)'K'];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
