using System.Runtime.InteropServices;

namespace AgentOps.Rca.Artifacts;

/// <summary>Content that is in memory, on its way into a store of bytes.</summary>
internal static class ContentInMemory
{
    private const int WritersAtOnce = 8;

    /// <summary>The bytes as a stream.</summary>
    public static MemoryStream Open(ReadOnlyMemory<byte> content) => MemoryMarshal.TryGetArray(content, out var bytes)
        ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new MemoryStream(content.ToArray(), writable: false);

    /// <summary>Writes many contents, together where the store can.</summary>
    public static async ValueTask<IReadOnlyList<StoredContent>> WriteAsync(
        IArtifactContentStore contents, IReadOnlyList<ReadOnlyMemory<byte>> many, CancellationToken cancellationToken)
    {
        var stored = await contents.WriteManyAsync(many, cancellationToken).ConfigureAwait(false);
        // A stand-in of a test library implements the default too, and answers nothing.
        return stored?.Count == many.Count ? stored : await WriteEachAsync(contents, many, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes many contents one by one, a few at the same time.</summary>
    public static async ValueTask<IReadOnlyList<StoredContent>> WriteEachAsync(
        IArtifactContentStore contents, IReadOnlyList<ReadOnlyMemory<byte>> many, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(many);
        var stored = new StoredContent[many.Count];
        await Parallel.ForAsync(
            0,
            stored.Length,
            new ParallelOptions { MaxDegreeOfParallelism = WritersAtOnce, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                using var stream = Open(many[i]);
                stored[i] = await contents.WriteAsync(stream, expected: null, token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        return stored;
    }
}
