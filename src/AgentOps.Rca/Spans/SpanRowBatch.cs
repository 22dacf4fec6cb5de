using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AgentOps.Rca.Spans;

/// <summary>Rows that were copied out of a store's memory, a few thousand at a time, so that who works on them need not hold up the reading.</summary>
internal sealed class SpanRowBatch
{
    // What a store kept can be read back, whatever the bound of the reader that accepted it; one deeper, for the array around.
    private static readonly JsonDocumentOptions StoredJson = new() { MaxDepth = 1_001 };

    private readonly ArrayBufferWriter<byte> _texts = new(1 << 19);
    private readonly ArrayBufferWriter<byte> _attributes = new(1 << 20);
    private readonly List<Place> _rows = [];

    /// <summary>How many rows it has.</summary>
    public int Count => _rows.Count;

    /// <summary>The last row, or null.</summary>
    public SpanCursor? Last { get; set; }

    /// <summary>A row; its attributes are those of <see cref="ParseAttributes"/> at the same place.</summary>
    /// <param name="index">Its place.</param>
    public SpanRow this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        get
        {
            ref readonly var place = ref CollectionsMarshal.AsSpan(_rows)[index];
            var texts = _texts.WrittenSpan;
            var parent = place.Start + place.SpanId;
            var tool = parent + Math.Max(place.Parent, 0);
            var args = tool + place.Tool;
            var result = args + Math.Max(place.Args, 0);
            return new SpanRow
            {
                SpanId = texts.Slice(place.Start, place.SpanId),
                HasParent = place.Parent >= 0,
                ParentId = texts[parent..tool],
                Tool = texts[tool..args],
                StartTs = place.StartTs,
                EndTs = place.EndTs,
                HasArgs = place.Args >= 0,
                ArgsDigest = texts[args..result],
                HasResult = place.Result >= 0,
                ResultDigest = texts.Slice(result, Math.Max(place.Result, 0)),
                Attributes = _attributes.WrittenSpan.Slice(place.Attributes, place.AttributesLength),
            };
        }
    }

    /// <summary>Copies a row.</summary>
    /// <param name="row">The row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(in SpanRow row)
    {
        _attributes.Write(_rows.Count == 0 ? "["u8 : ","u8);
        _rows.Add(new Place(
            _texts.WrittenCount, row.SpanId.Length, row.HasParent ? row.ParentId.Length : -1, row.Tool.Length,
            row.HasArgs ? row.ArgsDigest.Length : -1, row.HasResult ? row.ResultDigest.Length : -1,
            _attributes.WrittenCount, row.Attributes.Length, row.StartTs, row.EndTs));
        _texts.Write(row.SpanId);
        _texts.Write(row.ParentId);
        _texts.Write(row.Tool);
        _texts.Write(row.ArgsDigest);
        _texts.Write(row.ResultDigest);
        _attributes.Write(row.Attributes);
    }

    /// <summary>
    /// The attributes of all rows, as an array: to read many at once takes half the time of reading each, and no memory once the
    /// document is disposed of. It is not to be used after <see cref="Clear"/>.
    /// </summary>
    public JsonDocument ParseAttributes()
    {
        _attributes.Write(_rows.Count == 0 ? "[]"u8 : "]"u8);
        return JsonDocument.Parse(_attributes.WrittenMemory, StoredJson);
    }

    /// <summary>Empties it, so that it can take other rows.</summary>
    public void Clear()
    {
        _texts.ResetWrittenCount();
        _attributes.ResetWrittenCount();
        _rows.Clear();
        Last = null;
    }

    // Lengths are -1 where there is nothing.
    private readonly record struct Place(
        int Start, int SpanId, int Parent, int Tool, int Args, int Result, int Attributes, int AttributesLength, long StartTs, long EndTs);
}
