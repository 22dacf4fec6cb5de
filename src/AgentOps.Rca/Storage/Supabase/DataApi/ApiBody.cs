using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>
/// The JSON of a request in pooled blocks: a thousand spans leave no garbage behind. Its length is known, and a retry sends it again.
/// </summary>
internal sealed class ApiBody : HttpContent
{
    // Below what the garbage collector takes for a large object.
    private static readonly PipeOptions Blocks = new(pauseWriterThreshold: 0, minimumSegmentSize: 32 << 10, useSynchronizationContext: false);

    private readonly Pipe _pipe = new(Blocks);
    private readonly ReadOnlySequence<byte> _json;

    private ApiBody(Action<Utf8JsonWriter> write)
    {
        using (var writer = new Utf8JsonWriter(_pipe.Writer))
        {
            write(writer);
        }

        _pipe.Writer.Complete();
        _pipe.Reader.TryRead(out var written);
        _json = written.Buffer;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <summary>Writes a body.</summary>
    /// <param name="write">Writes one JSON value.</param>
    public static ApiBody Write(Action<Utf8JsonWriter> write) => new(write);

    /// <summary>The body of a call whose one argument is a list of texts.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="texts">The texts.</param>
    public static ApiBody OfTexts(string argument, IEnumerable<string> texts) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray(argument);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (var block in _json)
        {
            await stream.WriteAsync(block, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _json.Length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _pipe.Reader.Complete();
        }

        base.Dispose(disposing);
    }
}
