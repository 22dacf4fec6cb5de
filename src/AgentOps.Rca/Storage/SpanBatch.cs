using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage;

/// <summary>Spans that go to a database in one statement.</summary>
internal sealed class SpanBatch
{
    private const int MaxCount = 2_000;

    // Attributes decide how large a statement gets; they are counted as they stand, in bytes.
    private const int MaxAttributesLength = 4 << 20;

    private SpanBatch(IReadOnlyList<Span> spans)
    {
        Spans = spans;
        HashSet<string> seen = new(spans.Count, StringComparer.Ordinal);
        var distinct = spans.Where(span => seen.Add(span.SpanId)).ToArray();
        // Two hosts that write the same ids take the locks in the same order, so neither waits for the other for ever; where a copy into partitions makes them do so, it is repeated.
        Array.Sort(distinct, static (left, right) => string.CompareOrdinal(left.SpanId, right.SpanId));
        Distinct = distinct;
    }

    /// <summary>The spans as they came.</summary>
    public IReadOnlyList<Span> Spans { get; }

    /// <summary>The first span of each id, in the order of the ids.</summary>
    public IReadOnlyList<Span> Distinct { get; }

    /// <summary>Cuts any number of spans into batches, in their order.</summary>
    /// <param name="spans">The spans.</param>
    /// <param name="maxCount">How many spans a batch may have.</param>
    public static IEnumerable<SpanBatch> Split(IReadOnlyList<Span> spans, int maxCount = MaxCount)
    {
        List<Span> batch = [];
        var length = 0;
        foreach (var span in spans)
        {
            var attributes = span.KeptAttributes.Utf8Length;
            if (batch.Count == maxCount || (batch.Count > 0 && length + attributes > MaxAttributesLength))
            {
                yield return new SpanBatch(batch);
                batch = [];
                length = 0;
            }

            batch.Add(span);
            length += attributes;
        }

        if (batch.Count > 0)
        {
            yield return new SpanBatch(batch);
        }
    }

    /// <summary>The result of a batch of which some spans were not added.</summary>
    /// <param name="added">How many were added.</param>
    /// <param name="stored">What is stored under an id of the batch now.</param>
    public SpanWriteResult Compare(int added, Func<string, Span> stored)
    {
        List<string> conflicts = [];
        foreach (var span in Spans)
        {
            if (!span.IsRepeatOf(stored(span.SpanId)))
            {
                conflicts.Add(span.SpanId);
            }
        }

        return new SpanWriteResult(added, Spans.Count - added - conflicts.Count, conflicts);
    }
}
