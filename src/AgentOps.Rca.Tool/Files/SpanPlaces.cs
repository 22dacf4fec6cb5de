using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using AgentOps.Rca.Importing;

namespace AgentOps.Rca.Tool.Files;

/// <summary>Where in a file each span stands. A file of a gigabyte has hundreds of thousands, so their ids are kept as the numbers that they are.</summary>
internal sealed class SpanPlaces
{
    private const int TraceLength = 32;

    private readonly Dictionary<(UInt128 Trace, ulong Span), FilePlace> _places = [];
    private readonly Dictionary<string, FilePlace> _others = new(StringComparer.Ordinal);

    /// <summary>Notes a place; the first of a span stays.</summary>
    public void Add(string spanId, FilePlace place)
    {
        if (TryRead(spanId, out var key))
        {
            _places.TryAdd(key, place);
        }
        else
        {
            _others.TryAdd(spanId, place);
        }
    }

    /// <summary>The place of a span, if it stands in the file.</summary>
    public bool TryGetValue(string spanId, [MaybeNullWhen(false)] out FilePlace place) =>
        TryRead(spanId, out var key) ? _places.TryGetValue(key, out place) : _others.TryGetValue(spanId, out place);

    // As ids of OTLP are written: the trace's, a colon, the span's.
    private static bool TryRead(string id, out (UInt128 Trace, ulong Span) key)
    {
        key = default;
        if (id.Length != TraceLength + 1 + 16 || id[TraceLength] != ':' || id.AsSpan().ContainsAnyExceptInRange('0', 'f')
            || !UInt128.TryParse(id.AsSpan(0, TraceLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var trace)
            || !ulong.TryParse(id.AsSpan(TraceLength + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var span)
            || id.AsSpan().ContainsAnyInRange('A', 'F'))
        {
            return false;
        }

        key = (trace, span);
        return true;
    }
}
