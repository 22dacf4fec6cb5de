using System.IO.Enumeration;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// Bytes of artifacts as files, <c>&lt;directory&gt;/&lt;first two digits&gt;/&lt;digest&gt;</c>. Safe for many callers and many processes on one
/// file system.
/// </summary>
/// <remarks>
/// <para>Content arrives in <c>&lt;directory&gt;/incoming</c>, is flushed to disk, moved to its name in one step, and the directories
/// are flushed too, so a name never points at less than its whole content, whatever crashes. A write that fails or is cancelled leaves
/// nothing behind; what a crash leaves is deleted by the first write of a later process, once it is a day old and nobody holds it.</para>
/// <para>On Unix files are made with mode 0600 and directories with 0700, and errors of fsync are reported. On Windows durability
/// rests on FlushFileBuffers, whose errors .NET does not report, and on NTFS for the names.</para>
/// <para>A full disk, a missing right or a failing drive is a <see cref="StoreUnavailableException"/> that names the directory.
/// Failures of the stream that is being stored pass through as they are.</para>
/// </remarks>
public sealed partial class FileSystemArtifactContentStore : IArtifactContentStore, IArtifactContentRetention, IStoredBytes
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int FilesAtOnce = 64;
    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(1);

    private readonly string _incoming;
    private readonly TimeProvider _timeProvider;

    // What this process has seen reach the disk. Another process may have made a directory without having flushed it yet.
    private readonly bool[] _durableShards = new bool[256];
    private volatile bool _prepared;

    /// <summary>Makes a store over a directory. Nothing is touched until the first write, which makes the directory if need be.</summary>
    /// <param name="directory">The directory; a relative path is resolved now.</param>
    /// <param name="timeProvider">The clock that says what is a day old; the system's when null.</param>
    public FileSystemArtifactContentStore(string directory, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        DirectoryPath = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        _incoming = Path.Combine(DirectoryPath, "incoming");
        _withdrawn = Path.Combine(DirectoryPath, "withdrawn");
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <summary>The full path of the directory.</summary>
    public string DirectoryPath { get; }

    string IStoredBytes.LocalDirectory => DirectoryPath;

    // Those that are written at the moment are counted as well.
    ValueTask<long> IStoredBytes.MeasureAsync(CancellationToken cancellationToken)
    {
        var bytes = 0L;
        if (!Directory.Exists(DirectoryPath))
        {
            return ValueTask.FromResult(bytes);
        }

        foreach (var length in new FileSystemEnumerable<long>(
            DirectoryPath, static (ref entry) => entry.Length, new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
        {
            ShouldIncludePredicate = static (ref entry) => !entry.IsDirectory,
        })
        {
            cancellationToken.ThrowIfCancellationRequested();
            bytes += length;
        }

        return ValueTask.FromResult(bytes);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The directory could not be written, for example because the disk is full.</exception>
    public async ValueTask<StoredContent> WriteAsync(
        Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        cancellationToken.ThrowIfCancellationRequested();
        using var incoming = BeginWrite();
        var stored = await ContentPump.CopyAsync(content, (bytes, offset) => AppendAsync(incoming, bytes, offset), cancellationToken).ConfigureAwait(false);
        if (expected is { } wanted && wanted != stored.Digest)
        {
            throw new ArtifactDigestMismatchException(wanted, stored.Digest);
        }

        var path = PathOf(stored.Digest);
        // What is known and old may be about to be collected: it counts only once it is young, under the name by which it was found.
        var known = await HoldsAsync(path, stored, cancellationToken).ConfigureAwait(false) && Keep(path);
        cancellationToken.ThrowIfCancellationRequested();
        Commit([(stored.Digest, known ? null : incoming)]);
        return stored;
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The directory could not be written, for example because the disk is full.</exception>
    public async ValueTask<IReadOnlyList<StoredContent>> WriteManyAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> contents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contents);
        cancellationToken.ThrowIfCancellationRequested();
        Dictionary<ArtifactDigest, ReadOnlyMemory<byte>> distinct = [];
        var stored = new StoredContent[contents.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            stored[i] = new StoredContent(ArtifactDigest.Of(contents[i].Span), contents[i].Length);
            distinct.TryAdd(stored[i].Digest, contents[i]);
        }

        foreach (var group in distinct.Chunk(FilesAtOnce))
        {
            await WriteTogetherAsync(group, cancellationToken).ConfigureAwait(false);
        }

        return stored;
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The file is there but could not be opened.</exception>
    public ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var path = PathOf(digest);
            // Content that a collection has taken away for a moment is there all the same; it may be back by the time it is looked for.
            return ValueTask.FromResult<Stream?>(
                TryOpen(path) ?? WithdrawnNames(digest).Select(TryOpen).FirstOrDefault(static file => file is not null) ?? TryOpen(path));
        }
        catch (Exception failure) when (IsFileFailure(failure))
        {
            throw Unavailable("read", failure);
        }
    }

    // The disk works on all of them while the first is waited for.
    private async Task WriteTogetherAsync(KeyValuePair<ArtifactDigest, ReadOnlyMemory<byte>>[] contents, CancellationToken cancellationToken)
    {
        List<(ArtifactDigest Digest, IncomingFile? Incoming)> written = [];
        List<IncomingFile> incoming = [];
        try
        {
            foreach (var (digest, bytes) in contents)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var path = PathOf(digest);
                if (await HoldsAsync(path, new StoredContent(digest, bytes.Length), cancellationToken).ConfigureAwait(false) && Keep(path))
                {
                    written.Add((digest, null));
                    continue;
                }

                var file = BeginWrite();
                incoming.Add(file);
                written.Add((digest, file));
                await AppendAsync(file, bytes, offset: 0).ConfigureAwait(false);
                file.StartWriteback(bytes.Length);
            }

            cancellationToken.ThrowIfCancellationRequested();
            Commit(written);
        }
        finally
        {
            foreach (var file in incoming)
            {
                file.Dispose();
            }
        }
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return OpenFile(path);
        }
        catch (Exception failure) when (IsMissing(failure))
        {
            return null;
        }
    }

    private static bool IsMissing(Exception failure) => failure is FileNotFoundException or DirectoryNotFoundException;

    private static FileStream OpenFile(string path) => new(
        path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);

    // The text of a digest is 64 hexadecimal digits and nothing else, so no digest can name a path outside the directory.
    private string PathOf(ArtifactDigest digest)
    {
        var name = digest.ToString();
        return Path.Combine(DirectoryPath, name[..2], name);
    }

    private IncomingFile BeginWrite()
    {
        try
        {
            if (!_prepared)
            {
                MakeDirectory(DirectoryPath);
                MakeDirectory(_incoming);
                IncomingFile.DeleteStale(_incoming, _timeProvider.GetUtcNow() - StaleAfter);
                _prepared = true;
            }

            return new IncomingFile(_incoming);
        }
        catch (Exception failure) when (IsFileFailure(failure))
        {
            // Should the directory have been deleted under a running host, the next write makes all of it again.
            _prepared = false;
            Array.Clear(_durableShards);
            throw Unavailable("written", failure);
        }
    }

    private async Task AppendAsync(IncomingFile incoming, ReadOnlyMemory<byte> bytes, long offset)
    {
        try
        {
            await incoming.WriteAsync(bytes, offset).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsFileFailure(failure))
        {
            throw Unavailable("written", failure);
        }
    }

    // Content that cannot be read or flushed is as good as lost, and is replaced.
    private static async Task<bool> HoldsAsync(string path, StoredContent wanted, CancellationToken cancellationToken)
    {
        try
        {
            using var file = OpenFile(path);
            if (file.Length != wanted.Length || await ContentPump.HashAsync(file, cancellationToken).ConfigureAwait(false) != wanted)
            {
                return false;
            }

            if (!OperatingSystem.IsWindows())
            {
                DurableFileSystem.Flush(file.SafeFileHandle);
            }

            return true;
        }
        catch (Exception failure) when (IsFileFailure(failure))
        {
            return false;
        }
    }

    // Without a file, the content is there already, and only its name has to be durable.
    private void Commit(IReadOnlyList<(ArtifactDigest Digest, IncomingFile? Incoming)> written)
    {
        try
        {
            HashSet<string> directories = new(StringComparer.Ordinal);
            foreach (var (digest, incoming) in written)
            {
                var path = PathOf(digest);
                var directory = Path.GetDirectoryName(path)!;
                ref var durable = ref DurabilityOf(digest);
                if (!Volatile.Read(ref durable))
                {
                    MakeDirectory(directory);
                    Volatile.Write(ref durable, true);
                }

                incoming?.Publish(path);
                directories.Add(directory);
            }

            foreach (var directory in directories)
            {
                DurableFileSystem.FlushDirectory(directory);
            }
        }
        catch (Exception failure) when (IsFileFailure(failure))
        {
            foreach (var (digest, _) in written)
            {
                Volatile.Write(ref DurabilityOf(digest), false);
            }

            throw Unavailable("written", failure);
        }
    }

    private ref bool DurabilityOf(ArtifactDigest digest)
    {
        Span<byte> hash = stackalloc byte[32];
        digest.CopyTo(hash);
        return ref _durableShards[hash[0]];
    }

    private static void MakeDirectory(string path)
    {
        var parent = Path.GetDirectoryName(path);
        var existed = Directory.Exists(path);
        if (parent is not null && !existed)
        {
            if (!Directory.Exists(parent))
            {
                MakeDirectory(parent);
            }

            Create(path);
        }

        try
        {
            // Even when it existed: whoever made it may have crashed before its name was durable.
            if (parent is not null)
            {
                DurableFileSystem.FlushDirectory(parent);
            }
        }
        catch (UnauthorizedAccessException) when (existed)
        {
            // Somebody else's directory, made by somebody who may read its parent.
        }
    }

    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    private static bool IsFileFailure(Exception failure) => failure is IOException or UnauthorizedAccessException;

    private StoreUnavailableException Unavailable(string action, Exception failure) =>
        new($"The artifact directory '{DirectoryPath}' could not be {action}: {failure.Message}", failure);
}
