using System.IO.Hashing;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// The one way in and out of artifacts: content is durable before its row exists, and bytes are verified against their digest before
/// any of them is handed out.
/// </summary>
/// <remarks>
/// Missing and changed artifacts are values, <see cref="ArtifactFault"/>. A store that cannot be reached, or a drive that cannot be
/// read, is a <see cref="StoreUnavailableException"/>.
/// </remarks>
public sealed class ArtifactVault
{
    /// <summary>How many bytes <see cref="ReadPreviewAsync"/> reads.</summary>
    public const int PreviewLength = 256;

    private const int SmallContent = 1024 * 1024;

    private readonly IArtifactStore _rows;
    private readonly IArtifactContentStore _contents;
    private readonly TimeProvider _timeProvider;
    private readonly VerifiedFiles _files;

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
        _files = new VerifiedFiles(timeProvider);
    }

    /// <summary>Stores an artifact, streaming and hashing it in constant memory.</summary>
    /// <param name="content">The bytes, read to the end.</param>
    /// <param name="mime">The media type, such as <c>application/json</c>.</param>
    /// <param name="piiMasked">Whether personal data is masked in it.</param>
    /// <param name="expected">The digest that the bytes must have, or null.</param>
    /// <param name="cancellationToken">Cancels the write; repeating it is safe.</param>
    /// <exception cref="ArtifactDigestMismatchException">The bytes do not have the expected digest; nothing is stored.</exception>
    /// <exception cref="InvalidDataException">The row of this digest was changed from outside: it says another length.</exception>
    /// <exception cref="StoreUnavailableException">A store is down, or the content was collected in between; writing again is safe.</exception>
    public async ValueTask<ArtifactWrite> PutAsync(
        Stream content, string mime, bool piiMasked = false, ArtifactDigest? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        RequireMediaType(mime);
        var stored = await _contents.WriteAsync(content, expected, cancellationToken).ConfigureAwait(false);
        var row = RowOf(stored, mime, piiMasked, _timeProvider.GetUtcNow());
        var outcome = await ArtifactRows.AddAsync(_rows, _contents, row, cancellationToken).ConfigureAwait(false);
        return outcome switch
        {
            WriteOutcome.Added => new ArtifactWrite(row, Created: true),
            WriteOutcome.Duplicate => new ArtifactWrite(await _rows.GetAsync(stored.Digest, cancellationToken).ConfigureAwait(false) ?? row, Created: false),
            _ => throw ArtifactRows.OtherLength(row),
        };
    }

    /// <summary>Stores an artifact that is in memory.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="mime">The media type.</param>
    /// <param name="piiMasked">Whether personal data is masked in it.</param>
    /// <param name="cancellationToken">Cancels the write; repeating it is safe.</param>
    public async ValueTask<ArtifactWrite> PutAsync(
        ReadOnlyMemory<byte> content, string mime, bool piiMasked = false, CancellationToken cancellationToken = default)
    {
        using var stream = ContentInMemory.Open(content);
        return await PutAsync(stream, mime, piiMasked, expected: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Stores many artifacts that are in memory, and lets the stores write them together. When it throws, some may be stored; storing all of
    /// them again is safe.
    /// </summary>
    /// <param name="artifacts">The artifacts, of which some may be equal. Nobody changes them until the call returns.</param>
    /// <param name="cancellationToken">Cancels the write; repeating it is safe.</param>
    /// <returns>The digest of each, in their order.</returns>
    /// <exception cref="InvalidDataException">The row of a digest was changed from outside: it says another length.</exception>
    /// <exception cref="StoreUnavailableException">A store is down, or a content was collected in between; writing again is safe.</exception>
    public async ValueTask<IReadOnlyList<ArtifactDigest>> PutManyAsync(
        IReadOnlyList<ArtifactContent> artifacts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        if (artifacts.Count == 0)
        {
            return [];
        }

        var contents = new ReadOnlyMemory<byte>[artifacts.Count];
        for (var i = 0; i < contents.Length; i++)
        {
            RequireMediaType(artifacts[i].Mime);
            contents[i] = artifacts[i].Bytes;
        }

        var stored = await ContentInMemory.WriteAsync(_contents, contents, cancellationToken).ConfigureAwait(false);
        var now = _timeProvider.GetUtcNow();
        Dictionary<ArtifactDigest, Artifact> rows = [];
        for (var i = 0; i < contents.Length; i++)
        {
            var row = RowOf(stored[i], artifacts[i].Mime, artifacts[i].PiiMasked, now);
            // As one by one: the first says what it is, and who says that nothing is masked is believed.
            if (!rows.TryAdd(row.Digest, row) && !row.PiiMasked)
            {
                rows[row.Digest] = rows[row.Digest] with { PiiMasked = false };
            }
        }

        await ArtifactRows.AddManyAsync(_rows, _contents, [.. rows.Values], cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(static content => content.Digest)];
    }

    /// <summary>The row with this digest, or null.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        _rows.GetAsync(digest, cancellationToken);

    /// <summary>The rows that exist among these digests.</summary>
    /// <param name="digests">The digests to look for.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    public IAsyncEnumerable<Artifact> FindAsync(
        IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default) =>
        _rows.FindAsync(digests, cancellationToken);

    /// <summary>Which of these digests have no row, as a set. Content is not looked at.</summary>
    /// <param name="digests">The digests to look for.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<HashSet<ArtifactDigest>> FindMissingAsync(
        IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(digests);
        var missing = digests.ToHashSet();
        missing.ExceptWith(await FindStoredAsync(missing, cancellationToken).ConfigureAwait(false));
        return missing;
    }

    /// <summary>Takes those digests out of what a case names that have a row.</summary>
    internal async ValueTask RemoveStoredAsync(NamedDigests digests, CancellationToken cancellationToken)
    {
        if (digests.Count > 0 && _rows is IArtifactArrivals arrivals)
        {
            await arrivals.ShowPresentAsync(digests, digests.Remove, cancellationToken).ConfigureAwait(false);
        }
        else if (digests.Count > 0)
        {
            // As they come: a case may name millions, and what was taken out is behind the place where they are gone through.
            await foreach (var artifact in _rows.FindAsync(digests, cancellationToken).ConfigureAwait(false))
            {
                digests.Remove(artifact.Digest);
            }
        }
    }

    private async ValueTask<List<ArtifactDigest>> FindStoredAsync(HashSet<ArtifactDigest> digests, CancellationToken cancellationToken)
    {
        List<ArtifactDigest> stored = [];
        if (digests.Count > 0)
        {
            await foreach (var artifact in _rows.FindAsync(digests, cancellationToken).ConfigureAwait(false))
            {
                stored.Add(artifact.Digest);
            }
        }

        return stored;
    }

    /// <summary>
    /// Opens an artifact whose content was read and found intact. Up to 1 MiB is served from memory; more is served from the very file
    /// that was verified (on Linux it counts as verified for ten minutes while nothing touches it), and hashed again when it is read from start to end: should it have changed in between, the read that would
    /// hand out its last bytes throws <see cref="ArtifactDigestMismatchException"/>.
    /// </summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A seekable stream of the row's length, which the caller disposes, or the fault.</returns>
    public ValueTask<ArtifactRead<Stream>> OpenVerifiedAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        OpenAsync(digest, maxBytes: null, cancellationToken);

    /// <summary>Reads a whole artifact into memory, verified.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="maxBytes">How many bytes the caller takes; a larger artifact is <see cref="ArtifactFault.TooLarge"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The bytes, or the fault.</returns>
    public async ValueTask<ArtifactRead<ReadOnlyMemory<byte>>> ReadAllVerifiedAsync(
        ArtifactDigest digest, int maxBytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        return await ReadStartAsync(await OpenAsync(digest, maxBytes, cancellationToken).ConfigureAwait(false), maxBytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The first 256 bytes of an artifact. All of it is verified.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The bytes, fewer when there are no more, or the fault.</returns>
    public async ValueTask<ArtifactRead<ReadOnlyMemory<byte>>> ReadPreviewAsync(
        ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        await ReadStartAsync(await OpenVerifiedAsync(digest, cancellationToken).ConfigureAwait(false), PreviewLength, cancellationToken).ConfigureAwait(false);

    /// <summary>The same for who checks: the bytes are asked, whatever was found before.</summary>
    internal async ValueTask<ArtifactRead<ReadOnlyMemory<byte>>> CheckPreviewAsync(ArtifactDigest digest, CancellationToken cancellationToken) =>
        await ReadStartAsync(
            await OpenAsync(digest, maxBytes: null, cancellationToken, isCheck: true).ConfigureAwait(false), PreviewLength, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads an artifact to see whether it is there and intact.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The fault, or null when there is none.</returns>
    public async ValueTask<ArtifactFault?> CheckAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        var read = await OpenAsync(digest, maxBytes: null, cancellationToken, isCheck: true).ConfigureAwait(false);
        if (read.IsIntact)
        {
            await read.Content.DisposeAsync().ConfigureAwait(false);
        }

        return read.Fault;
    }

    /// <summary>The CRC-32 of an artifact's content (that of zip), in the same reading that verifies it.</summary>
    internal async ValueTask<ArtifactRead<uint>> SumAsync(ArtifactDigest digest, CancellationToken cancellationToken)
    {
        var sum = new Crc32();
        var read = await OpenAsync(digest, maxBytes: null, cancellationToken, sum: sum).ConfigureAwait(false);
        if (!read.IsIntact)
        {
            return new(read.Fault, read.Artifact);
        }

        await read.Content.DisposeAsync().ConfigureAwait(false);
        return new(read.Artifact, sum.GetCurrentHashAsUInt32());
    }

    private static void RequireMediaType(string mime)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(mime);
        if (!MediaTypeText.IsValid(mime))
        {
            throw new ArgumentException("It must be a media type such as text/plain (RFC 9110, visible ASCII).", nameof(mime));
        }
    }

    private static Artifact RowOf(StoredContent stored, string mime, bool piiMasked, DateTimeOffset now) => new()
    {
        Digest = stored.Digest,
        Length = stored.Length,
        Mime = mime,
        PiiMasked = piiMasked,
        CreatedTs = now,
    };

    private static async ValueTask<ArtifactRead<ReadOnlyMemory<byte>>> ReadStartAsync(
        ArtifactRead<Stream> read, int maxBytes, CancellationToken cancellationToken)
    {
        if (!read.IsIntact)
        {
            return new(read.Fault, read.Artifact);
        }

        var content = read.Content;
        await using var contentDisposal = content.ConfigureAwait(false);
        var bytes = new byte[(int)Math.Min(read.Artifact.Length, maxBytes)];
        await content.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        return new(read.Artifact, bytes);
    }

    private async ValueTask<ArtifactRead<Stream>> OpenAsync(
        ArtifactDigest digest, int? maxBytes, CancellationToken cancellationToken, bool isCheck = false, Crc32? sum = null)
    {
        if (await _rows.GetAsync(digest, cancellationToken).ConfigureAwait(false) is not { } artifact)
        {
            return new(new ArtifactFault.Unknown(digest));
        }

        if (maxBytes is { } limit && artifact.Length > limit)
        {
            return new(new ArtifactFault.TooLarge(digest, artifact.Length, limit), artifact);
        }

        var content = await _contents.OpenAsync(digest, cancellationToken).ConfigureAwait(false);
        return content is null
            ? new(new ArtifactFault.ContentMissing(digest), artifact)
            : await _files.VerifyAsync(artifact, content, maxBytes ?? SmallContent, isCheck, sum, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>What <see cref="ArtifactVault.PutAsync(Stream, string, bool, ArtifactDigest?, CancellationToken)"/> stored.</summary>
/// <param name="Artifact">The row as it stands in the store.</param>
/// <param name="Created">Whether it is new; false when the digest was known.</param>
public readonly record struct ArtifactWrite(Artifact Artifact, bool Created);

/// <summary>An artifact that is to be stored and is in memory.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Mime">The media type, such as <c>application/json</c>.</param>
/// <param name="PiiMasked">Whether personal data is masked in it.</param>
public readonly record struct ArtifactContent(ReadOnlyMemory<byte> Bytes, string Mime, bool PiiMasked = false);
