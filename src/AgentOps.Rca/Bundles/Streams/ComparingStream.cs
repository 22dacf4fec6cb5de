using System.Buffers;

namespace AgentOps.Rca.Bundles.Streams;

/// <summary>Compares what is written with what a stream holds.</summary>
internal sealed class ComparingStream(Stream expected) : WriteOnlyStream
{
    private bool _differs;

    /// <summary>Whether all of it was written, and nothing else.</summary>
    public bool IsEqual => !_differs && expected.Position == expected.Length;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_differs || buffer.IsEmpty)
        {
            return;
        }

        var other = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var read = await expected.ReadAtLeastAsync(
                other.AsMemory(0, buffer.Length), buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            _differs = !other.AsSpan(0, read).SequenceEqual(buffer.Span);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(other);
        }
    }
}
