using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentOps.Rca.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Json;

/// <summary>
/// Writes an answer of any size piece by piece. Nothing is sent before the first piece is full, so that a store that fails early can
/// still be answered with a problem.
/// </summary>
internal sealed class JsonStreamWriter : IDisposable
{
    private const int PieceBytes = 64 * 1024;

    private readonly HttpContext _context;
    private readonly ArrayBufferWriter<byte> _buffer = new(PieceBytes + 4096);

    public JsonStreamWriter(HttpContext context)
    {
        _context = context;
        Json = new Utf8JsonWriter(_buffer);
    }

    public Utf8JsonWriter Json { get; }

    public async ValueTask WriteArrayAsync<TItem, TForm>(
        string? name, IAsyncEnumerable<TItem> items, Func<TItem, TForm> form, JsonTypeInfo<TForm> type, CancellationToken cancellationToken)
    {
        if (name is not null)
        {
            Json.WritePropertyName(name);
        }

        Json.WriteStartArray();
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            JsonSerializer.Serialize(Json, form(item), type);
            await SendFullPiecesAsync(cancellationToken).ConfigureAwait(false);
        }

        Json.WriteEndArray();
    }

    /// <summary>Sends what is there when it is enough for a piece.</summary>
    public ValueTask SendFullPiecesAsync(CancellationToken cancellationToken) =>
        Json.BytesPending + _buffer.WrittenCount >= PieceBytes ? SendAsync(cancellationToken) : ValueTask.CompletedTask;

    /// <summary>Sends what is not sent yet.</summary>
    public async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        Json.Flush();
        if (!_context.Response.HasStarted)
        {
            _context.Response.ContentType = MediaTypes.Json;
        }

        await _context.Response.Body.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _buffer.ResetWrittenCount();
    }

    public void Dispose() => Json.Dispose();
}
