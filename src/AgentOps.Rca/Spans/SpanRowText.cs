using System.Buffers;
using System.Text;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>The texts of a record in UTF-8, so that a record is looked at as a row is; give it back when done.</summary>
internal readonly ref struct SpanRowText : IDisposable
{
    private readonly byte[] _texts;

    /// <summary>Writes the texts of a record.</summary>
    /// <param name="span">The record.</param>
    public SpanRowText(Span span)
    {
        _texts = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(span.SpanId.Length + (span.ParentId?.Length ?? 0) + span.Tool.Length
            + (span.ArgsDigest?.Length ?? 0) + (span.ResultDigest?.Length ?? 0)));
        if (!span.KeptAttributes.TryGetUtf8(out var attributes))
        {
            RecordJson.Of(span.Attributes).TryGetUtf8(out attributes);
        }

        var id = Write(span.SpanId, 0);
        var parent = Write(span.ParentId, id);
        var tool = Write(span.Tool, parent);
        var args = Write(span.ArgsDigest, tool);
        var result = Write(span.ResultDigest, args);
        ReadOnlySpan<byte> texts = _texts;
        Row = new SpanRow
        {
            SpanId = texts[..id],
            HasParent = span.ParentId is not null,
            ParentId = texts[id..parent],
            Tool = texts[parent..tool],
            StartTs = span.StartTs,
            EndTs = span.EndTs,
            HasArgs = span.ArgsDigest is not null,
            ArgsDigest = texts[tool..args],
            HasResult = span.ResultDigest is not null,
            ResultDigest = texts[args..result],
            Attributes = attributes,
        };
    }

    /// <summary>The record as a row.</summary>
    public SpanRow Row { get; }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_texts);

    // Writes a text behind the others, and tells where it ends.
    private int Write(string? text, int at) => at + Encoding.UTF8.GetBytes(text, _texts.AsSpan(at));
}
