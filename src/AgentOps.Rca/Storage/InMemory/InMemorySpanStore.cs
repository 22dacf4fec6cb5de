using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage.InMemory;

/// <summary>Spans in memory: for unit tests, demonstrations and short-lived tools. Nothing survives the process.</summary>
public sealed partial class InMemorySpanStore : ISpanStore
{
    private const int PageSize = 1_000;

    private static readonly Comparer<Span> Order = Comparer<Span>.Create(Compare);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Span> _byId = new(StringComparer.Ordinal);
    private readonly SortedSet<Span> _all = new(Order);

    // Stored since somebody last listed: sorting many at once costs far less than keeping them sorted.
    private List<Span> _unsorted = [];
    private readonly HashSet<string> _tools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<Span>> _byIncident = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _byTrace = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(spans);
        cancellationToken.ThrowIfCancellationRequested();
        var added = 0;
        var duplicates = 0;
        List<string>? conflicts = null;
        lock (_lock)
        {
            foreach (var span in spans)
            {
                ref var stored = ref CollectionsMarshal.GetValueRefOrAddDefault(_byId, span.SpanId, out _);
                if (stored is null)
                {
                    stored = span.Kept();
                    _unsorted.Add(stored);
                    _tools.Add(stored.Tool);
                    added++;
                }
                else if (span.IsRepeatOf(stored))
                {
                    duplicates++;
                }
                else
                {
                    (conflicts ??= []).Add(span.SpanId);
                }
            }
        }

        return ValueTask.FromResult(new SpanWriteResult(added, duplicates, conflicts ?? SpanWriteResult.Empty.Conflicts));
    }

    /// <inheritdoc/>
    public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return ValueTask.FromResult(_byId.GetValueOrDefault(spanId));
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Span> FindAsync(
        IReadOnlyCollection<string> spanIds, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spanIds);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var spanId in spanIds.Distinct(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span? span;
            lock (_lock)
            {
                span = _byId.GetValueOrDefault(spanId);
            }

            if (span is not null)
            {
                yield return span;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(string incidentId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Sort();
            return ValueTask.FromResult(_byIncident.TryGetValue(incidentId, out var spans) ? (long)spans.Count : 0);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Span> ListAsync(SpanQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.CompletedTask.ConfigureAwait(false);
        var left = query.Limit ?? int.MaxValue;
        var after = query.After;
        while (left > 0)
        {
            var page = ReadPage(query, after, Math.Min(left, PageSize), out var last);
            foreach (var span in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return query.WithoutAttributes ? span with { KeptAttributes = RecordJson.Empty } : span;
            }

            if (last)
            {
                yield break;
            }

            left -= page.Count;
            after = new SpanCursor(page[^1].StartTs, page[^1].SpanId);
        }
    }

    private void Insert(Span span)
    {
        _byId.Add(span.SpanId, span);
        _unsorted.Add(span);
    }

    // Called under the lock by whoever lists.
    private void Sort()
    {
        if (_unsorted.Count > 0)
        {
            // Two sorted sets are joined without a search for each span when the new one is large.
            _all.UnionWith(new SortedSet<Span>(_unsorted, Order));
            _unsorted.ForEach(Index);
            _unsorted = [];
        }
    }

    private void Index(Span span)
    {
        if (span.SpanId.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon)
        {
            var traces = _byTrace.GetAlternateLookup<ReadOnlySpan<char>>();
            var trace = span.SpanId.AsSpan(0, colon);
            if (!traces.TryGetValue(trace, out var ofTrace))
            {
                traces[trace] = ofTrace = new HashSet<string>(StringComparer.Ordinal);
            }

            ofTrace.Add(span.SpanId);
        }

        if (span.IncidentId is { } incidentId)
        {
            if (!_byIncident.TryGetValue(incidentId, out var ofIncident))
            {
                _byIncident.Add(incidentId, ofIncident = new SortedSet<Span>(Order));
            }

            ofIncident.Add(span);
        }
    }

    // Pages are copied under the lock, so a listing never meets a set that changes under it.
    private List<Span> ReadPage(SpanQuery query, SpanCursor? after, int size, out bool last)
    {
        lock (_lock)
        {
            if (query.Tool is { } tool && !_tools.Contains(tool))
            {
                last = true;
                return [];
            }

            Sort();
            var source = query.IncidentId is null ? _all : _byIncident.GetValueOrDefault(query.IncidentId);
            var page = source is null
                ? []
                : From(source, query.FromTs, after)
                    .TakeWhile(span => query.ToTs is not { } to || span.StartTs < to)
                    .Where(span => Matches(span, query))
                    .Take(size)
                    .ToList();
            last = page.Count < size;
            return page;
        }
    }

    // Starts at the later of the two places by a search in the tree, not by a walk from its first span.
    private static IEnumerable<Span> From(SortedSet<Span> source, long? fromTs, SpanCursor? after)
    {
        var exclusive = after is { } cursor && (fromTs is null || cursor.StartTs >= fromTs);
        var (startTs, spanId) = exclusive ? after!.Value : new SpanCursor(fromTs ?? long.MinValue, "");
        var place = new Span { SpanId = spanId, Tool = "", StartTs = startTs, EndTs = 0 };
        if (source.Max is not { } max || Compare(place, max) > 0)
        {
            return [];
        }

        var view = source.GetViewBetween(place, max);
        return exclusive ? view.SkipWhile(span => Compare(span, place) == 0) : view;
    }

    private static bool Matches(Span span, SpanQuery query) =>
        (!query.WithoutIncident || span.IncidentId is null)
        && (query.Tool is null || span.Tool == query.Tool)
        && (query.IsEvidence is not { } evidence || ToolNames.IsEvidence(span.Tool) == evidence);

    private static int Compare(Span left, Span right)
    {
        var byStart = left.StartTs.CompareTo(right.StartTs);
        return byStart != 0 ? byStart : Utf8Comparer.Instance.Compare(left.SpanId, right.SpanId);
    }
}
