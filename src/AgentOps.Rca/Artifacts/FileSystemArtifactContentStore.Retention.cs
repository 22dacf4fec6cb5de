using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace AgentOps.Rca.Artifacts;

// Content that is collected loses its name first: it is moved to <directory>/withdrawn under a name of its own, where no KeepAsync finds
// it. Only then its row is looked for, and it is deleted or gets its name back. Its age is the time of its last write, which moves with it,
// so a writer that made it young before it was moved is seen after.
public sealed partial class FileSystemArtifactContentStore
{
    // Shorter than any age that content is collected at, so that most content that is found again is not touched.
    private static readonly TimeSpan YoungFor = TimeSpan.FromMinutes(30);

    private readonly string _withdrawn;

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The directory could not be read.</exception>
    public async IAsyncEnumerable<ArtifactDigest> ListOldAsync(
        TimeSpan age, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        Guarded("read", () =>
        {
            foreach (var path in FilesIn(_withdrawn))
            {
                if (ArtifactDigest.TryParse(Path.GetFileNameWithoutExtension(path), out var digest))
                {
                    DurableFileSystem.MoveUnlessTaken(path, PathOf(digest));
                }
            }
        });
        var before = _timeProvider.GetUtcNow() - age;
        for (var shard = 0; shard < _durableShards.Length; shard++)
        {
            var directory = Path.Combine(DirectoryPath, shard.ToString("x2", null));
            List<ArtifactDigest> old = [];
            Guarded("read", () =>
            {
                foreach (var path in FilesIn(directory))
                {
                    if (ArtifactDigest.TryParse(Path.GetFileName(path), out var digest) && path == PathOf(digest) && IsOld(path, before))
                    {
                        old.Add(digest);
                    }
                }
            });
            foreach (var digest in old)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return digest;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The file could not be looked at.</exception>
    public ValueTask<bool> KeepAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Keep(PathOf(digest)));
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The file could not be moved or deleted.</exception>
    public async ValueTask<bool> CollectAsync(
        ArtifactDigest digest, TimeSpan age, IArtifactStore rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var before = _timeProvider.GetUtcNow() - age;
        if (Guarded("written", () => Withdraw(digest, before)) is not { } withdrawn)
        {
            return false;
        }

        var isOrphan = false;
        try
        {
            isOrphan = IsOld(withdrawn, before) && await rows.GetAsync(digest, cancellationToken).ConfigureAwait(false) is null;
        }
        finally
        {
            if (!isOrphan)
            {
                Guarded("written", () => DurableFileSystem.MoveUnlessTaken(withdrawn, PathOf(digest)));
            }
        }

        if (!isOrphan)
        {
            return false;
        }

        // Another collection may have put it back; then it is the next one's to judge anew.
        return Guarded("written", () =>
        {
            var isThere = File.Exists(withdrawn);
            File.Delete(withdrawn);
            return isThere;
        });
    }

    // The name is never used twice: what was decided about one withdrawal cannot strike a later one.
    private string? Withdraw(ArtifactDigest digest, DateTimeOffset before)
    {
        var path = PathOf(digest);
        if (!File.Exists(path) || !IsOld(path, before))
        {
            return null;
        }

        MakeDirectory(_withdrawn);
        var withdrawn = Path.Combine(_withdrawn, $"{digest}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        return DurableFileSystem.TryMove(path, withdrawn) ? withdrawn : null;
    }

    private bool Keep(string path) => Guarded("written", () =>
    {
        try
        {
            var now = _timeProvider.GetUtcNow();
            // A file that is not there looks very old, and cannot be made young.
            if (IsOld(path, now - YoungFor))
            {
                File.SetLastWriteTimeUtc(path, now.UtcDateTime);
            }

            return true;
        }
        catch (Exception failure) when (IsMissing(failure))
        {
            return false;
        }
    });

    private static bool IsOld(string path, DateTimeOffset before) => File.GetLastWriteTimeUtc(path) <= before.UtcDateTime;

    private IEnumerable<string> WithdrawnNames(ArtifactDigest digest) =>
        Directory.Exists(_withdrawn) ? Directory.EnumerateFiles(_withdrawn, digest + ".*") : [];

    private static IEnumerable<string> FilesIn(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateFiles(directory) : [];

    private void Guarded(string action, Action work) => Guarded(action, () =>
    {
        work();
        return true;
    });

    private T Guarded<T>(string action, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (IsFileFailure(failure))
        {
            throw Unavailable(action, failure);
        }
    }
}
