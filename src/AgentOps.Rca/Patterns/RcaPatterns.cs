using AgentOps.Rca.Analysis;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Patterns;

/// <summary>Which failures come back: incidents counted by the signature of their latest analysis.</summary>
public sealed class RcaPatterns
{
    private readonly ISpanStore _spans;

    /// <summary>Makes a reader over this store.</summary>
    /// <param name="spans">The spans.</param>
    public RcaPatterns(ISpanStore spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        _spans = spans;
    }

    /// <summary>Lists patterns in the order of <see cref="PatternQuery"/>. Every analysis in the range is read for each page.</summary>
    /// <param name="query">The range of time, filters and the page.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<IReadOnlyList<RcaPattern>> ListAsync(PatternQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var tally = new PatternTally();
        var recorded = new SpanQuery
        {
            IsEvidence = false,
            FromTs = EpochUnit.Microseconds(query.From),
            ToTs = EpochUnit.Microseconds(query.To),
        };
        await foreach (var span in _spans.ListAsync(recorded, cancellationToken).ConfigureAwait(false))
        {
            tally.Add(span);
        }

        var tool = query.Tool is { } asked ? RcaSignature.ToolClass(asked) : null;
        return
        [
            .. tally.Patterns()
                .Where(pattern => pattern.Count >= query.MinCount && IsAfter(pattern, query.After)
                    && (query.Category is null && tool is null
                        || RcaSignature.Parse(pattern.Signature) is { } signature
                            && (query.Category ?? signature.Category) == signature.Category && (tool ?? signature.Tool) == signature.Tool))
                .Take(query.Limit),
        ];
    }

    private static bool IsAfter(RcaPattern pattern, PatternCursor? after) =>
        after is not { } place || pattern.Count < place.Count
        || (pattern.Count == place.Count && (pattern.LastSeen < place.LastSeen
            || (pattern.LastSeen == place.LastSeen && string.CompareOrdinal(pattern.Signature, place.Signature) > 0)));
}
