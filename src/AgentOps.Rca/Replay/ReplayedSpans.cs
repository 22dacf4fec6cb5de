using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>What a replay keeps of an incident's spans: their tree, their digests, and the few that record analyses whole.</summary>
internal sealed class ReplayedSpans
{
    private readonly Dictionary<string, ArtifactDigest> _digests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string? Args, string? Result)> _malformed = new(StringComparer.Ordinal);
    private readonly List<Span> _records = [];

    private ReplayedSpans()
    {
    }

    public SpanForest Forest { get; private set; } = SpanForest.Build([]);

    /// <summary>The spans of analyses and of their model calls.</summary>
    public IReadOnlyList<Span> Records => _records;

    public static async ValueTask<ReplayedSpans> ReadAsync(ISpanStore store, Guid incidentId, CancellationToken cancellationToken)
    {
        var recorded = new ReplayedSpans();
        var forest = new SpanForest.Builder(joinLogs: false);
        await foreach (var span in store.ListAsync(new SpanQuery { IncidentId = incidentId.ToString("D") }, cancellationToken).ConfigureAwait(false))
        {
            forest.Add(span);
            recorded.Add(span);
        }

        recorded.Forest = forest.Build();
        return recorded;
    }

    public ArtifactDigest DigestOf(SpanNode node) => _digests[node.SpanId];

    /// <summary>The artifacts that a span names, as it names them: a text that is no digest names one that cannot be there.</summary>
    public (string? Args, string? Result) ArtifactsOf(SpanNode node) =>
        _malformed.TryGetValue(node.SpanId, out var names) ? names : (node.ArgsDigest?.ToString(), node.ResultDigest?.ToString());

    private void Add(Span span)
    {
        _digests.TryAdd(span.SpanId, SpanJson.Digest(span));
        if (IsMalformed(span.ArgsDigest) || IsMalformed(span.ResultDigest))
        {
            _malformed.TryAdd(span.SpanId, (span.ArgsDigest, span.ResultDigest));
        }

        // What only looks like one came from elsewhere, and proves nothing.
        if (AnalysisSpan.HasReport(span) || (span.Tool == ToolNames.AnalysisModelCall && SpanIds.IsModelCall(span.SpanId, span.ParentId)))
        {
            _records.Add(span);
        }
    }

    private static bool IsMalformed(string? digest) => digest is not null && !ArtifactDigest.TryParse(digest, out _);
}
