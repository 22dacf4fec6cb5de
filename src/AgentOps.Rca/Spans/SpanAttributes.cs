using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>
/// A span's attributes: a JSON element, or the UTF-8 of one that becomes it when somebody asks. Most spans that are recorded are never
/// looked into, and an element takes as much time and memory again as its text. Safe for concurrent readers.
/// </summary>
internal sealed class SpanAttributes : IEquatable<SpanAttributes>
{
    private readonly byte[]? _tail;

    // The UTF-8 before the tail, or the element in a box: one reference, so that a reader sees one of them whole.
    private object _content;

    private SpanAttributes(object content, byte[]? tail)
    {
        _content = content;
        _tail = tail;
    }

    public static SpanAttributes Empty { get; } = new(JsonRules.EmptyObject, []);

    /// <summary>Whether nobody else can take the content away, as a caller can who disposes of a document.</summary>
    public bool IsOwn => _tail is not null;

    public JsonElement Element => (JsonElement)(Volatile.Read(ref _content) is byte[] head ? Parse(head) : _content);

    public static SpanAttributes Of(JsonElement element) => new(element, tail: null);

    /// <summary>
    /// Attributes out of UTF-8 that this library wrote: together a JSON object that any reader accepts. The arrays must not change.
    /// </summary>
    /// <param name="head">Where the object starts.</param>
    /// <param name="tail">Where it ends; many spans may share it.</param>
    public static SpanAttributes Of(byte[] head, byte[] tail) => new(head, tail);

    public bool Equals(SpanAttributes? other) => ReferenceEquals(this, other) || (other is not null && Element.Equals(other.Element));

    public override bool Equals(object? obj) => Equals(obj as SpanAttributes);

    // Equal elements are one element, which is no text to hash. Ids tell spans apart.
    public override int GetHashCode() => 0;

    // All readers get the element of the first one: an element equals itself only.
    private object Parse(byte[] head)
    {
        object parsed = JsonElement.Parse([.. head, .. _tail!]);
        return Interlocked.CompareExchange(ref _content, parsed, head) is JsonElement earlier ? earlier : parsed;
    }
}
