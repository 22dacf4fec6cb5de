using System.Buffers;
using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.Contents;

/// <summary>
/// Small content beside the rows of artifacts, where a transaction makes many of them durable, and larger content as files. What was written
/// as a file before is read from there, whatever its size.
/// </summary>
/// <param name="small">The small content.</param>
/// <param name="files">The larger content.</param>
/// <param name="rows">The rows beside the small content, the only ones that it can be collected by.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class LayeredContentStore(
    ISmallContents small, FileSystemArtifactContentStore files, IArtifactStore rows, TimeProvider timeProvider)
    : IArtifactContentStore, IArtifactContentRetention
{
    /// <summary>How many bytes are small: what a database page or two dozen hold well, and a file of its own does not.</summary>
    public const int SmallLength = 64 * 1024;

    /// <summary>The same for people.</summary>
    public const string SmallSize = "64 KiB";

    private readonly IArtifactStore _rows = rows;

    /// <summary>Where larger content goes.</summary>
    public FileSystemArtifactContentStore Files { get; } = files;

    public async ValueTask<StoredContent> WriteAsync(
        Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        cancellationToken.ThrowIfCancellationRequested();
        var start = ArrayPool<byte>.Shared.Rent(SmallLength + 1);
        try
        {
            var room = start.AsMemory(0, SmallLength + 1);
            var count = await content.ReadAtLeastAsync(room, room.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (count > SmallLength)
            {
                var whole = new ContinuedStream(room, content);
                await using var wholeDisposal = whole.ConfigureAwait(false);
                return await Files.WriteAsync(whole, expected, cancellationToken).ConfigureAwait(false);
            }

            var one = Own(room.Span[..count]);
            if (expected is { } wanted && wanted != one.Digest)
            {
                throw new ArtifactDigestMismatchException(wanted, one.Digest);
            }

            await small.WriteAsync([one], timeProvider.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            return new StoredContent(one.Digest, count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(start);
        }
    }

    public async ValueTask<IReadOnlyList<StoredContent>> WriteManyAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> contents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contents);
        cancellationToken.ThrowIfCancellationRequested();
        var stored = new StoredContent[contents.Count];
        List<SmallContent> together = [];
        List<int> larger = [];
        for (var i = 0; i < stored.Length; i++)
        {
            if (contents[i].Length > SmallLength)
            {
                larger.Add(i);
                continue;
            }

            var one = Own(contents[i].Span);
            together.Add(one);
            stored[i] = new StoredContent(one.Digest, one.Bytes.Length);
        }

        if (together.Count > 0)
        {
            await small.WriteAsync(together, timeProvider.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        }

        if (larger.Count > 0)
        {
            var written = await Files.WriteManyAsync([.. larger.Select(i => contents[i])], cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < larger.Count; i++)
            {
                stored[larger[i]] = written[i];
            }
        }

        return stored;
    }

    public async ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await small.ReadAsync(digest, cancellationToken).ConfigureAwait(false) is { } bytes
            ? new MemoryStream(bytes, writable: false)
            : await Files.OpenAsync(digest, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<ArtifactDigest> ListOldAsync(
        TimeSpan age, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var before = timeProvider.GetUtcNow() - age;
        for (var page = await small.ListOldAsync(before, after: null, cancellationToken).ConfigureAwait(false);
            page.Count > 0;
            page = await small.ListOldAsync(before, page[^1], cancellationToken).ConfigureAwait(false))
        {
            foreach (var digest in page)
            {
                yield return digest;
            }
        }

        await foreach (var digest in Files.ListOldAsync(age, cancellationToken).ConfigureAwait(false))
        {
            yield return digest;
        }
    }

    public ValueTask<bool> KeepAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) => KeepManyAsync([digest], cancellationToken);

    public async ValueTask<bool> KeepManyAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(digests);
        foreach (var elsewhere in await small.KeepAsync(digests, timeProvider.GetUtcNow(), cancellationToken).ConfigureAwait(false))
        {
            if (!await Files.KeepAsync(elsewhere, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    public async ValueTask<bool> CollectAsync(
        ArtifactDigest digest, TimeSpan age, IArtifactStore rows, CancellationToken cancellationToken = default)
    {
        if (!ReferenceEquals(rows, _rows))
        {
            throw new InvalidOperationException(
                "Content in the database is collected by the table artifacts beside it, but another store of rows is registered.");
        }

        // An older release may have left the same content as a file.
        var collected = await small.CollectAsync(digest, timeProvider.GetUtcNow() - age, cancellationToken).ConfigureAwait(false);
        return await Files.CollectAsync(digest, age, rows, cancellationToken).ConfigureAwait(false) || collected;
    }

    // A caller that no longer waits may use its bytes again while they are still being written.
    private static SmallContent Own(ReadOnlySpan<byte> content) => new(ArtifactDigest.Of(content), content.ToArray());

    // What was read already, then the rest.
    private sealed class ContinuedStream(ReadOnlyMemory<byte> start, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> _start = start;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_start.IsEmpty)
            {
                return rest.ReadAsync(buffer, cancellationToken);
            }

            var count = Math.Min(_start.Length, buffer.Length);
            _start[..count].CopyTo(buffer);
            _start = _start[count..];
            return ValueTask.FromResult(count);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
