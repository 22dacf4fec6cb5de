namespace AgentOps.Rca.Artifacts;

/// <summary>
/// The one way in and out of artifacts: content is durable before its row exists, and bytes are verified against their digest before
/// any of them is handed out.
/// </summary>
public sealed class ArtifactVault
{
    private readonly IArtifactStore _rows;
    private readonly IArtifactContentStore _contents;
    private readonly TimeProvider _timeProvider;

    /// <summary>Makes a vault over a store of rows and a store of bytes.</summary>
    /// <param name="rows">Where the rows are kept.</param>
    /// <param name="contents">Where the bytes are kept.</param>
    /// <param name="timeProvider">The clock that stamps new rows.</param>
    public ArtifactVault(IArtifactStore rows, IArtifactContentStore contents, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(contents);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _rows = rows;
        _contents = contents;
        _timeProvider = timeProvider;
    }

    /// <summary>Stores an artifact, streaming and hashing it in constant memory.</summary>
    /// <param name="content">The bytes, read to the end.</param>
    /// <param name="mime">The media type, such as <c>application/json</c>.</param>
    /// <param name="piiMasked">Whether personal data is masked in it.</param>
    /// <param name="expected">The digest that the bytes must have, or null.</param>
    /// <param name="cancellationToken">Cancels the write; repeating it is safe.</param>
    /// <exception cref="ArtifactDigestMismatchException">The bytes do not have the expected digest; nothing is stored.</exception>
    public async ValueTask<ArtifactWrite> PutAsync(
        Stream content, string mime, bool piiMasked = false, ArtifactDigest? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentException.ThrowIfNullOrWhiteSpace(mime);
        var stored = await _contents.WriteAsync(content, expected, cancellationToken);
        var now = _timeProvider.GetUtcNow();
        var row = new Artifact
        {
            Digest = stored.Digest,
            Length = stored.Length,
            Mime = mime,
            PiiMasked = piiMasked,
            CreatedTs = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)),
        };
        var outcome = await _rows.AddAsync(row, cancellationToken);
        return outcome == WriteOutcome.Added
            ? new ArtifactWrite(row, Created: true)
            : new ArtifactWrite(await _rows.GetAsync(stored.Digest, cancellationToken) ?? row, Created: false);
    }

    /// <summary>Stores an artifact that is in memory.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="mime">The media type.</param>
    /// <param name="piiMasked">Whether personal data is masked in it.</param>
    /// <param name="cancellationToken">Cancels the write; repeating it is safe.</param>
    public async ValueTask<ArtifactWrite> PutAsync(
        ReadOnlyMemory<byte> content, string mime, bool piiMasked = false, CancellationToken cancellationToken = default)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        return await PutAsync(stream, mime, piiMasked, expected: null, cancellationToken);
    }

    /// <summary>The row with this digest, or null.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        _rows.GetAsync(digest, cancellationToken);

    /// <summary>Reads an artifact whole: null when it is missing, does not match its digest, or is longer than asked for.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="mostBytes">The most bytes to read.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(ArtifactDigest digest, int mostBytes, CancellationToken cancellationToken = default)
    {
        await using var content = await _contents.OpenAsync(digest, cancellationToken);
        if (content is null || content.Length > mostBytes)
        {
            return null;
        }

        var bytes = new byte[content.Length];
        await content.ReadExactlyAsync(bytes, cancellationToken);
        return ArtifactDigest.Of(bytes) == digest ? bytes : null;
    }

    /// <summary>The rows that exist among these digests.</summary>
    /// <param name="digests">The digests to look for.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    public IAsyncEnumerable<Artifact> FindAsync(
        IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default) =>
        _rows.FindAsync(digests, cancellationToken);
}

/// <summary>What <see cref="ArtifactVault.PutAsync(Stream, string, bool, ArtifactDigest?, CancellationToken)"/> stored.</summary>
/// <param name="Artifact">The row as it stands in the store.</param>
/// <param name="Created">Whether it is new; false when the digest was known.</param>
public readonly record struct ArtifactWrite(Artifact Artifact, bool Created);
