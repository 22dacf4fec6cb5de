using System.Runtime.CompilerServices;
using System.Text;
using AgentOps.Rca.Bundles.Streams;
using AgentOps.Rca.Columns;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>
/// The lines of <c>spans.jsonl</c>, canonical and in their order, and where each one lies, which is found out once, by whoever asks first.
/// One caller at a time.
/// </summary>
/// <param name="open">Opens the file, at any place of which reading may begin.</param>
internal sealed class BundleSpans(Func<Stream> open)
{
    // Where the few lines are that are no evidence, which is asked for several times; a bundle with more of them is read through each time.
    private const int MostRecords = 10_000;

    private Places? _places;
    private (SpanCursor Last, long Next)? _page;

    /// <summary>How many spans there are; their lines are not read as JSON for it.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<int> CountAsync(CancellationToken cancellationToken) => (await FindPlacesAsync(cancellationToken).ConfigureAwait(false)).Ids.Count;

    /// <summary>A span, or null.</summary>
    /// <param name="spanId">Its id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<Span?> FindAsync(string spanId, CancellationToken cancellationToken)
    {
        var places = await FindPlacesAsync(cancellationToken).ConfigureAwait(false);
        if (places.Ids.Find(spanId) is not (>= 0 and var place))
        {
            return null;
        }

        var spans = open();
        await using var spansDisposal = spans.ConfigureAwait(false);
        return await ReadAsync(spans, places.Offsets[place], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads spans in their order.</summary>
    /// <param name="recordsSuffice">Whether those that are evidence may be left out.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<Span> ReadAsync(bool recordsSuffice, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = recordsSuffice ? await FindPlacesAsync(cancellationToken).ConfigureAwait(false) : null;
        var spans = open();
        await using var spansDisposal = spans.ConfigureAwait(false);
        if (places?.Records.Count <= MostRecords)
        {
            foreach (var offset in places.Records)
            {
                if (await ReadAsync(spans, offset, cancellationToken).ConfigureAwait(false) is { } record)
                {
                    yield return record;
                }
            }

            yield break;
        }

        var lines = new LineReader(spans);
        while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (BundleLines.ReadCanonicalSpan(lines.Line) is { } span)
            {
                yield return span;
            }
        }
    }

    /// <summary>Shows a page of spans, as <see cref="ISpanRows"/> says.</summary>
    public async ValueTask<SpanCursor?> ShowAsync(
        SpanCursor? after, int most, ShowSpan show, bool withAttributes, CancellationToken cancellationToken)
    {
        var spans = open();
        await using var spansDisposal = spans.ConfigureAwait(false);
        // Nearly always a page begins where the last one ended.
        var start = _page is { } page && page.Last == after ? page.Next : 0;
        spans.Position = start;
        var lines = new LineReader(spans);
        var room = new byte[1024];
        for (var left = most; await lines.ReadAsync(cancellationToken).ConfigureAwait(false);)
        {
            room = room.Length < lines.Line.Length ? new byte[lines.Line.Length * 2] : room;
            var row = CanonicalSpanLine.Read(lines.Line.Span, room, withAttributes);
            if (start == 0 && after is { } before && !IsAfter(row, before))
            {
                continue;
            }

            show(row);
            if (--left == 0)
            {
                var last = new SpanCursor(row.StartTs, Encoding.UTF8.GetString(row.SpanId));
                _page = (last, start + lines.Offset + lines.Line.Length + 1);
                return last;
            }
        }

        return null;
    }

    private async ValueTask<Places> FindPlacesAsync(CancellationToken cancellationToken)
    {
        if (_places is not null)
        {
            return _places;
        }

        var places = new Places(new Utf8Table(), new Column<long>(), []);
        var tools = new TextPool();
        var spans = open();
        await using var spansDisposal = spans.ConfigureAwait(false);
        var lines = new LineReader(spans);
        var room = new byte[1024];
        while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            room = room.Length < lines.Line.Length ? new byte[lines.Line.Length * 2] : room;
            var row = CanonicalSpanLine.Read(lines.Line.Span, room, withAttributes: false);
            if (places.Ids.TryAdd(row.SpanId, out _))
            {
                places.Offsets.Add(lines.Offset);
            }

            if (places.Records.Count <= MostRecords && !ToolNames.IsEvidence(tools.Of(row.Tool)))
            {
                places.Records.Add(lines.Offset);
            }
        }

        return _places = places;
    }

    private static bool IsAfter(in SpanRow row, SpanCursor before) =>
        row.StartTs > before.StartTs
        || (row.StartTs == before.StartTs && row.SpanId.SequenceCompareTo(Encoding.UTF8.GetBytes(before.SpanId)) > 0);

    private static async ValueTask<Span?> ReadAsync(Stream spans, long offset, CancellationToken cancellationToken)
    {
        spans.Position = offset;
        var lines = new LineReader(spans);
        return await lines.ReadAsync(cancellationToken).ConfigureAwait(false) ? BundleLines.ReadCanonicalSpan(lines.Line) : null;
    }

    private sealed record Places(Utf8Table Ids, Column<long> Offsets, List<long> Records);
}
