using System.Buffers;
using System.Security.Cryptography;

namespace AgentOps.Rca.Artifacts;

/// <summary>Reads a stream to its end in constant memory: while one buffer fills, what has to be done with the one before it is done.</summary>
internal static class ContentPump
{
    /// <summary>The size of each of the two buffers.</summary>
    public const int BufferSize = 256 * 1024;

    /// <summary>Hashes a stream from where it stands to its end.</summary>
    public static Task<StoredContent> HashAsync(Stream source, CancellationToken cancellationToken) =>
        CopyAsync(source, static (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Hashes a stream and hands every buffer, with its offset, to <paramref name="write"/>.</summary>
    public static async Task<StoredContent> CopyAsync(
        Stream source, Func<ReadOnlyMemory<byte>, long, Task> write, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = await PumpAsync(source, (part, offset) => HashAndWriteAsync(hash, part, offset, write), cancellationToken).ConfigureAwait(false);
        return new StoredContent(new ArtifactDigest(hash.GetHashAndReset()), length);
    }

    /// <summary>Hands every buffer of a stream, with its offset, to <paramref name="write"/>, and returns how many bytes there were.</summary>
    public static async Task<long> PumpAsync(Stream source, Func<ReadOnlyMemory<byte>, long, Task> write, CancellationToken cancellationToken)
    {
        var current = ArrayPool<byte>.Shared.Rent(BufferSize);
        byte[]? next = null;
        var pending = Task.CompletedTask;
        var length = 0L;
        try
        {
            var filled = await FillAsync(source, current, cancellationToken).ConfigureAwait(false);
            while (filled > 0)
            {
                pending = write(current.AsMemory(0, filled), length);
                length += filled;
                if (filled < BufferSize)
                {
                    break;
                }

                next ??= ArrayPool<byte>.Shared.Rent(BufferSize);
                filled = await FillAsync(source, next, cancellationToken).ConfigureAwait(false);
                await pending.ConfigureAwait(false);
                (current, next) = (next, current);
            }

            await pending.ConfigureAwait(false);
        }
        finally
        {
            // No buffer goes back to the pool while it is still worked on.
            await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(current);
            if (next is not null)
            {
                ArrayPool<byte>.Shared.Return(next);
            }
        }

        return length;
    }

    private static ValueTask<int> FillAsync(Stream source, byte[] buffer, CancellationToken cancellationToken) =>
        source.ReadAtLeastAsync(buffer.AsMemory(0, BufferSize), BufferSize, throwOnEndOfStream: false, cancellationToken);

    private static async Task HashAndWriteAsync(
        IncrementalHash hash, ReadOnlyMemory<byte> bytes, long offset, Func<ReadOnlyMemory<byte>, long, Task> write)
    {
        if (bytes.Length < BufferSize)
        {
            hash.AppendData(bytes.Span);
            await write(bytes, offset).ConfigureAwait(false);
            return;
        }

        await Task.WhenAll(Task.Run(() => hash.AppendData(bytes.Span)), write(bytes, offset)).ConfigureAwait(false);
    }
}
