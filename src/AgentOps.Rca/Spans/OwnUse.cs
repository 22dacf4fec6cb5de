using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AgentOps.Rca.Spans;

/// <summary>
/// Which spans speak for themselves alone when they say what was used: frameworks repeat on every wrapper (a run, a chain, a model call
/// around its steps) what the calls below it used, and that must count once.
/// </summary>
/// <remarks>
/// A span that has one below it which says its use, too, is a wrapper. A model call is no wrapper of what the tools below it used: an
/// agent that is a tool calls models of its own. Spans come in any order; of each its place is kept, 40 bytes or so.
/// </remarks>
internal sealed class OwnUse
{
    private const int Unknown = -1;

    private readonly Dictionary<UInt128, int> _places = [];
    private readonly List<UInt128?> _parents = [];
    private readonly List<Part> _parts = [];

    [Flags]
    private enum Part : byte
    {
        None = 0,
        Says = 1,
        Model = 2,
        Tool = 4,

        // Something below says its use: with no tool between, or behind one.
        SumsUp = 8,
        SumsUpTools = 16,
    }

    /// <summary>Takes a span.</summary>
    /// <param name="span">The span.</param>
    /// <param name="says">Whether it says what it used.</param>
    /// <returns>Its place in what <see cref="Judge()"/> gives.</returns>
    public int Add(Span span, bool says) => Add(KeyOf(span.SpanId), span.ParentId is { } parent ? KeyOf(parent) : null, span.Tool, says);

    /// <summary>The same of a span that is no record.</summary>
    /// <param name="span">The span.</param>
    /// <param name="tool">Its tool.</param>
    /// <param name="says">Whether it says what it used.</param>
    public int Add(in SpanRow span, string tool, bool says) => Add(KeyOf(span.SpanId), span.HasParent ? KeyOf(span.ParentId) : null, tool, says);

    private int Add(UInt128 id, UInt128? parent, string tool, bool says)
    {
        _places.TryAdd(id, _parts.Count);
        _parents.Add(parent);
        _parts.Add(PartOf(tool, says));
        return _parts.Count - 1;
    }

    /// <summary>The place of a span's parent, or -1 when that was not taken.</summary>
    /// <param name="place">The span's place.</param>
    public int ParentOf(int place) => _parents[place] is { } parent && _places.TryGetValue(parent, out var found) ? found : Unknown;

    /// <summary>For each span that was taken whether it says its use, and its own.</summary>
    public bool[] Judge()
    {
        Part[] parts = [.. _parts];
        return Judge(parts, ParentOf);
    }

    /// <summary>The same for the spans of a forest, by <see cref="SpanNode.Index"/>.</summary>
    public static bool[] Of(IReadOnlyList<SpanNode> nodes, Func<SpanNode, bool> says)
    {
        var parts = new Part[nodes.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = PartOf(nodes[i].Tool, says(nodes[i]));
        }

        return Judge(parts, place => nodes[place].Parent?.Index ?? Unknown);
    }

    // From each span that says its use upwards, until a mark stands that says as much: no span is passed more than twice, nor a cycle.
    private static bool[] Judge(Part[] parts, Func<int, int> parentOf)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            if (!parts[i].HasFlag(Part.Says))
            {
                continue;
            }

            var isBehindTool = parts[i].HasFlag(Part.Tool);
            for (var at = parentOf(i); at != Unknown && at != i; at = parentOf(at))
            {
                if (parts[at].HasFlag(Part.SumsUp) || (isBehindTool && parts[at].HasFlag(Part.SumsUpTools)))
                {
                    break;
                }

                parts[at] |= isBehindTool ? Part.SumsUpTools : Part.SumsUp;
                isBehindTool |= parts[at].HasFlag(Part.Tool);
            }
        }

        return Array.ConvertAll(parts, static part =>
            part.HasFlag(Part.Says) && !part.HasFlag(Part.SumsUp) && (part.HasFlag(Part.Model) || !part.HasFlag(Part.SumsUpTools)));
    }

    private static Part PartOf(string tool, bool says) =>
        (says ? Part.Says : Part.None)
        | (tool.StartsWith(ToolNames.ModelCallPrefix, StringComparison.Ordinal) ? Part.Model
            : tool.StartsWith(ToolNames.ToolCallPrefix, StringComparison.Ordinal) ? Part.Tool : Part.None);

    private static UInt128 KeyOf(string id) => KeyOf(Encoding.UTF8.GetBytes(id));

    private static UInt128 KeyOf(ReadOnlySpan<byte> id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(id, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
