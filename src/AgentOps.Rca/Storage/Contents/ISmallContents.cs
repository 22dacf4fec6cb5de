using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.Contents;

/// <summary>
/// Whole contents beside the rows of artifacts, in the same database. Each call is one transaction, so none is seen half, and a row that
/// another call writes comes either before a collection or after it.
/// </summary>
internal interface ISmallContents
{
    /// <summary>
    /// Stores contents, which are durable when the call returns. What is there and is the same becomes young again; what is there and is not the
    /// same is replaced.
    /// </summary>
    /// <param name="contents">The contents. The bytes belong to the store from now on.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels the call; whether it happened is then unknown, and repeating it is safe.</param>
    ValueTask WriteAsync(IReadOnlyList<SmallContent> contents, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The bytes as they lie there, or null.</summary>
    ValueTask<byte[]?> ReadAsync(ArtifactDigest digest, CancellationToken cancellationToken);

    /// <summary>Some of the contents that were written or made young before this time, in the order of their digests; empty at the end.</summary>
    /// <param name="before">The time.</param>
    /// <param name="after">The last digest of the page before; null for the first page.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<IReadOnlyList<ArtifactDigest>> ListOldAsync(DateTimeOffset before, ArtifactDigest? after, CancellationToken cancellationToken);

    /// <summary>Which of the contents are not there. Those that are and have no row become young again.</summary>
    ValueTask<IReadOnlyList<ArtifactDigest>> KeepAsync(IReadOnlyCollection<ArtifactDigest> digests, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes content that was written or made young before this time and has no row.</summary>
    ValueTask<bool> CollectAsync(ArtifactDigest digest, DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>A whole content that hashes to its digest.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Bytes">Its bytes.</param>
internal readonly record struct SmallContent(ArtifactDigest Digest, byte[] Bytes);
