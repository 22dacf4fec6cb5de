using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// Remembers which files were found intact, so that who reads a byte of a large content, or many who do so at once, do not have all of it hashed each time. A file that was
/// touched since, or was verified a while ago, is hashed again; so is everything that is no file, or small.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no handle, and lives as long as the process.")]
internal sealed class VerifiedFiles(TimeProvider timeProvider)
{
    private const int Most = 1_024;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    // A change in the same tick of the file system's clock has the same stamp.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ArtifactDigest, (FileStamp Stamp, long At)> _known = [];
    private readonly Lock _lock = new();

    // Hashing takes a processor; half of them are left for the rest.
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Verifies content as <see cref="ArtifactVerification.VerifyAsync"/> does; a check asks the bytes, whatever is remembered, and so does a sum of them.</summary>
    public async ValueTask<ArtifactRead<Stream>> VerifyAsync(
        Artifact artifact, Stream content, int maxInMemory, bool isCheck, Crc32? sum, CancellationToken cancellationToken)
    {
        if (content is not FileStream file || artifact.Length <= maxInMemory || FileStamp.Of(file.SafeFileHandle) is null)
        {
            return await ArtifactVerification.VerifyAsync(artifact, content, maxInMemory, sum, cancellationToken).ConfigureAwait(false);
        }

        if (!isCheck && sum is null && IsKnown(artifact, file))
        {
            return new(artifact, new VerifiedArtifactStream(content, artifact));
        }

        try
        {
            await _hashing.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        try
        {
            // Who was before may have hashed the same.
            if (!isCheck && sum is null && IsKnown(artifact, file))
            {
                return new(artifact, new VerifiedArtifactStream(content, artifact));
            }

            var stamp = FileStamp.Of(file.SafeFileHandle);
            var read = await ArtifactVerification.VerifyAsync(artifact, content, maxInMemory, sum, cancellationToken).ConfigureAwait(false);
            if (read.IsIntact && stamp is { } before && FileStamp.Of(file.SafeFileHandle) == before && IsSettled(before))
            {
                Remember(artifact.Digest, before);
            }

            return read;
        }
        finally
        {
            _hashing.Release();
        }
    }

    private static bool IsSettled(FileStamp stamp) =>
        (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromMicroseconds(stamp.Changed / 1_000)) is var age && age >= Settled;

    private bool IsKnown(Artifact artifact, FileStream file)
    {
        lock (_lock)
        {
            return _known.TryGetValue(artifact.Digest, out var known)
                && timeProvider.GetElapsedTime(known.At) < Remembered
                && FileStamp.Of(file.SafeFileHandle) == known.Stamp
                && (long)known.Stamp.Length == artifact.Length;
        }
    }

    private void Remember(ArtifactDigest digest, FileStamp stamp)
    {
        lock (_lock)
        {
            if (_known.Count >= Most && !_known.ContainsKey(digest))
            {
                _known.Clear();
            }

            _known[digest] = (stamp, timeProvider.GetTimestamp());
        }
    }
}
