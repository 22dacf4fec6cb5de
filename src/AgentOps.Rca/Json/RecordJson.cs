using System.Runtime.InteropServices;
using System.Text.Json;

namespace AgentOps.Rca.Json;

/// <summary>
/// The JSON of a record, a span's attributes or an incident's details: an element, or the UTF-8 of one that becomes it when somebody asks. Most that
/// are recorded are never looked into, and an element takes as much time and memory again as its text. Safe for concurrent readers of one place.
/// </summary>
/// <remarks>A value, since an object more for each of a million spans is what a collector of garbage pays for. It remembers what it has
/// read, so the field that holds it must not be readonly.</remarks>
internal struct RecordJson : IEquatable<RecordJson>
{
    private readonly byte[]? _tail;
    private readonly int _start;
    private readonly int _length;

    // What a store kept can be read back, whatever the bound of the reader that accepted it.
    private static readonly JsonDocumentOptions StoredJson = new() { MaxDepth = 1_000 };

    // The array with the UTF-8 before the tail, or the element in a box: one reference, so that a reader sees one of them whole.
    private object _content;

    private RecordJson(object content, byte[]? tail, int start = 0, int length = 0)
    {
        _content = content;
        _tail = tail;
        _start = start;
        _length = length;
    }

    public static RecordJson Empty { get; } = new(JsonRules.EmptyObject, []);

    /// <summary>
    /// Whether this library has read it: every store can keep it, and nobody else can take it away, as a caller can who disposes of a document.
    /// </summary>
    public readonly bool IsOwn => _tail is not null;

    public JsonElement Element => (JsonElement)(Volatile.Read(ref _content) is byte[] head ? Parse(head) : _content);

    /// <summary>Whether these bytes stand anywhere in the JSON as it was written; nothing is read for that.</summary>
    public readonly bool Mentions(ReadOnlySpan<byte> word) => _content is byte[] head
        ? head.AsSpan(_start, _length).IndexOf(word) >= 0 || _tail.AsSpan().IndexOf(word) >= 0
        : _content is JsonElement { ValueKind: JsonValueKind.Object } element && JsonMarshal.GetRawUtf8Value(element).IndexOf(word) >= 0;

    /// <summary>How many bytes of UTF-8 they are, as they were written.</summary>
    public readonly int Utf8Length => _content switch
    {
        byte[] => _length + (_tail?.Length ?? 0),
        JsonElement { ValueKind: not JsonValueKind.Undefined } element => JsonMarshal.GetRawUtf8Value(element).Length,
        _ => 0,
    };

    /// <summary>The JSON as it was written, when it is one piece; nothing is read for that.</summary>
    public readonly bool TryGetUtf8(out ReadOnlySpan<byte> utf8)
    {
        utf8 = _content switch
        {
            byte[] head when _tail is null or { Length: 0 } => head.AsSpan(_start, _length),
            JsonElement { ValueKind: not JsonValueKind.Undefined } element => JsonMarshal.GetRawUtf8Value(element),
            _ => default,
        };
        return utf8.Length > 0;
    }

    /// <summary>Copies the JSON as it was written, <see cref="Utf8Length"/> bytes; nothing is read for that.</summary>
    public readonly void CopyUtf8To(Span<byte> destination)
    {
        if (_content is byte[] head)
        {
            head.AsSpan(_start, _length).CopyTo(destination);
            _tail.AsSpan().CopyTo(destination[_length..]);
        }
        else if (_content is JsonElement { ValueKind: not JsonValueKind.Undefined } element)
        {
            JsonMarshal.GetRawUtf8Value(element).CopyTo(destination);
        }
    }

    public static RecordJson Of(JsonElement element) => new(element, tail: null);

    /// <summary>What a store has, as the UTF-8 of a JSON object that was looked through before it was stored. The array must not change.</summary>
    /// <param name="utf8">All of it.</param>
    public static RecordJson OfStored(byte[] utf8) => utf8.AsSpan().SequenceEqual("{}"u8) ? Empty : new(utf8, [], 0, utf8.Length);

    /// <summary>
    /// Attributes that this library has read and looked through (<see cref="RecordRules"/>), as an element that no document owns.
    /// </summary>
    public static RecordJson OfOwn(JsonElement element) => new(element, tail: []);

    /// <summary>
    /// Attributes out of UTF-8 that this library wrote: together a JSON object that any reader accepts. The arrays must not change.
    /// </summary>
    /// <param name="head">Where the object starts. Its array is kept as long as one of the spans that share it.</param>
    /// <param name="tail">Where it ends; many spans may share it.</param>
    public static RecordJson Of(ArraySegment<byte> head, byte[] tail) => new(head.Array!, tail, head.Offset, head.Count);

    public bool Equals(RecordJson other) =>
        (ReferenceEquals(_content, other._content) && _start == other._start && _length == other._length) || AreEqual(Element, other.Element);

    public override bool Equals(object? obj) => obj is RecordJson other && Equals(other);

    // Equal attributes may be written in several ways. Ids tell spans apart.
    public override readonly int GetHashCode() => 0;

    // An element that was never set is equal to its like only.
    private static bool AreEqual(JsonElement left, JsonElement right) => left.ValueKind == JsonValueKind.Undefined || right.ValueKind == JsonValueKind.Undefined
        ? left.ValueKind == right.ValueKind
        : JsonRules.AreEqual(left, right);

    // All readers of a place get the element of the first one: an element equals itself only.
    private object Parse(byte[] head)
    {
        object parsed = _length == head.Length && _tail!.Length == 0
            ? JsonRules.ParseKept(head, StoredJson)
            : JsonElement.Parse([.. head.AsSpan(_start, _length), .. _tail!], StoredJson);
        return Interlocked.CompareExchange(ref _content, parsed, head) is JsonElement earlier ? earlier : parsed;
    }
}
