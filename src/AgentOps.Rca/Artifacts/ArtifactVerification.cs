using System.IO.Hashing;

namespace AgentOps.Rca.Artifacts;

/// <summary>Compares content with its row before any of it is handed out.</summary>
internal static class ArtifactVerification
{
    /// <summary>
    /// Verifies content and takes it over: it is kept open only when it is served from, that is when it is intact and longer than
    /// <paramref name="maxInMemory"/> bytes.
    /// </summary>
    /// <param name="artifact">Its row.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="maxInMemory">How many bytes are served from memory.</param>
    /// <param name="sum">What is to see all bytes in the same reading, or null.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async ValueTask<ArtifactRead<Stream>> VerifyAsync(
        Artifact artifact, Stream content, int maxInMemory, Crc32? sum, CancellationToken cancellationToken)
    {
        var served = false;
        try
        {
            var lengthFits = content.Length == artifact.Length;
            var bytes = lengthFits && artifact.Length <= maxInMemory ? new byte[artifact.Length] : null;
            var actual = bytes is null
                ? await ContentPump.CopyAsync(content, (part, _) => Append(sum, part), cancellationToken).ConfigureAwait(false)
                : await ReadAsync(content, bytes, sum, cancellationToken).ConfigureAwait(false);
            if (actual != new StoredContent(artifact.Digest, artifact.Length))
            {
                return new(new ArtifactFault.Corrupt(artifact.Digest, artifact.Length, actual), artifact);
            }

            if (bytes is not null)
            {
                return new(artifact, new MemoryStream(bytes, writable: false));
            }

            content.Position = 0;
            served = true;
            return new(artifact, new VerifiedArtifactStream(content, artifact));
        }
        catch (IOException failure)
        {
            throw new StoreUnavailableException($"The content of the artifact {artifact.Digest} could not be read: {failure.Message}", failure);
        }
        finally
        {
            if (!served)
            {
                await content.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static Task Append(Crc32? sum, ReadOnlyMemory<byte> part)
    {
        sum?.Append(part.Span);
        return Task.CompletedTask;
    }

    private static async ValueTask<StoredContent> ReadAsync(Stream content, byte[] bytes, Crc32? sum, CancellationToken cancellationToken)
    {
        var length = await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        sum?.Append(bytes.AsSpan(0, length));
        return new StoredContent(ArtifactDigest.Of(bytes.AsSpan(0, length)), length);
    }
}
