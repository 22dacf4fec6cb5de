using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace AgentOps.Rca.Bundles.Signing;

/// <summary>
/// DSSE 1.0.2 (https://github.com/secure-systems-lab/dsse): what is signed is the pre-authentication encoding (PAE) of type and payload;
/// the envelope carries the payload in base64 beside the signature. Both are streamed.
/// </summary>
internal static class Dsse
{
    public const string PayloadType = "application/vnd.in-toto+json";

    // A multiple of 3, so that the base64 of the parts is that of the whole.
    private const int ChunkSize = 48 * 1024;

    public static async ValueTask WritePaeAsync(Stream payload, Stream destination, CancellationToken cancellationToken)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture, $"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} ");
        await destination.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken).ConfigureAwait(false);
        await payload.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
    }

    public static async ValueTask WriteEnvelopeAsync(
        Stream payload, string keyId, ReadOnlyMemory<byte> signature, Stream destination, CancellationToken cancellationToken)
    {
        await destination.WriteAsync("{\"payload\":\""u8.ToArray(), cancellationToken).ConfigureAwait(false);
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        var text = ArrayPool<byte>.Shared.Rent(Base64.GetMaxEncodedToUtf8Length(ChunkSize));
        try
        {
            int read;
            do
            {
                read = await payload.ReadAtLeastAsync(chunk.AsMemory(0, ChunkSize), ChunkSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                Base64.EncodeToUtf8(chunk.AsSpan(0, read), text, out _, out var written);
                await destination.WriteAsync(text.AsMemory(0, written), cancellationToken).ConfigureAwait(false);
            }
            while (read == ChunkSize);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
            ArrayPool<byte>.Shared.Return(text);
        }

        var tail = $"\",\"payloadType\":\"{PayloadType}\",\"signatures\":[{{\"keyid\":\"{keyId}\",\"sig\":\"{Convert.ToBase64String(signature.Span)}\"}}]}}";
        await destination.WriteAsync(Encoding.ASCII.GetBytes(tail), cancellationToken).ConfigureAwait(false);
    }
}
