using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using AgentOps.Rca.Columns;
using AgentOps.Rca.Importing;

namespace AgentOps.Rca.Tool.Files;

/// <summary>Where in a file each span stands. A file of a gigabyte has hundreds of thousands, so their ids are kept as the numbers that they are.</summary>
internal sealed class SpanPlaces
{
    private const int TraceLength = 32;

    private readonly PlaceTable _places = new();
    private readonly Dictionary<string, FilePlace> _others = new(StringComparer.Ordinal);

    /// <summary>Notes a place; the first of a span stays.</summary>
    public void Add(string spanId, FilePlace place)
    {
        if (TryRead(spanId, out var key) && place.Line <= uint.MaxValue)
        {
            _places.Add(key, place);
        }
        else
        {
            _others.TryAdd(spanId, place);
        }
    }

    /// <summary>The place of a span, if it stands in the file.</summary>
    public bool TryGetValue(string spanId, [MaybeNullWhen(false)] out FilePlace place)
    {
        if (!TryRead(spanId, out var key) || _places.Find(key) is not (>= 0 and var number))
        {
            return _others.TryGetValue(spanId, out place);
        }

        place = _places[number];
        return true;
    }

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

    // A span and its place in 24 bytes: what many have in common stands beside them.
    private sealed class PlaceTable : NumberTable<(UInt128 Trace, ulong Span)>
    {
        private readonly Column<(ulong Span, long Offset, uint Line, int Common)> _places = new();
        private readonly List<(UInt128 Trace, string? Pointer, string? Member)> _common = [];
        private readonly Dictionary<(UInt128, string?, string?), int> _numbers = [];
        private FilePlace _next;

        public override int Count => _places.Count;

        public FilePlace this[int number]
        {
            get
            {
                var (_, offset, line, common) = _places[number];
                return new FilePlace(line, offset, _common[common].Pointer, _common[common].Member);
            }
        }

        public void Add((UInt128 Trace, ulong Span) key, FilePlace place)
        {
            _next = place;
            TryAdd(key, out _);
        }

        protected override (UInt128 Trace, ulong Span) KeyOf(int number) => (_common[_places[number].Common].Trace, _places[number].Span);

        protected override bool IsOf(int number, (UInt128 Trace, ulong Span) key) => KeyOf(number) == key;

        protected override uint HashOf((UInt128 Trace, ulong Span) key) => (uint)HashCode.Combine(key.Trace, key.Span);

        protected override void Keep((UInt128 Trace, ulong Span) key)
        {
            var common = (key.Trace, _next.Pointer, _next.Member);
            if (!_numbers.TryGetValue(common, out var number))
            {
                _numbers.Add(common, number = _common.Count);
                _common.Add(common);
            }

            _places.Add((key.Span, _next.Offset, (uint)_next.Line, number));
        }
    }
}
