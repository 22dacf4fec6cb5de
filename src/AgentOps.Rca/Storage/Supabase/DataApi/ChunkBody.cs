using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AgentOps.Rca.Storage.Contents;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>
/// The row of a chunk as it goes into a request: its bytes become PostgreSQL's hexadecimal text a piece at a time, while they are sent.
/// </summary>
internal sealed class ChunkBody : HttpContent
{
    private const int PieceLength = 16 << 10;

    private readonly ReadOnlyMemory<byte> _data;
    private readonly byte[] _start;

    public ChunkBody(ContentChunk chunk)
    {
        _data = chunk.Data;
        var whole = chunk.Whole is { } content
            ? string.Create(CultureInfo.InvariantCulture, $"\"digest\":\"{content.Digest}\",\"length\":{content.Length},")
            : "";
        _start = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $$"""{"content_id":"{{chunk.ContentId}}","chunk":{{chunk.Index}},{{whole}}"data":"\\x"""));
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    private static ReadOnlyMemory<byte> End { get; } = "\"}"u8.ToArray();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_start, cancellationToken).ConfigureAwait(false);
        var text = ArrayPool<byte>.Shared.Rent(PieceLength * 2);
        try
        {
            for (var left = _data; !left.IsEmpty;)
            {
                var piece = left[..Math.Min(left.Length, PieceLength)];
                Convert.TryToHexStringLower(piece.Span, text, out var count);
                await stream.WriteAsync(text.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                left = left[piece.Length..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }

        await stream.WriteAsync(End, cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _start.Length + (2L * _data.Length) + End.Length;
        return true;
    }
}
