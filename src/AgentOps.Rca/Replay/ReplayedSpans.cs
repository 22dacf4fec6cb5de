using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Columns;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>What a replay keeps of an incident's spans: their tree, their digests, and the few that record analyses whole.</summary>
internal sealed class ReplayedSpans
{
    private readonly Column<ArtifactDigest> _digests = new();
    private readonly Dictionary<int, (string? Args, string? Result)> _malformed = [];
    private readonly List<Span> _records = [];

    private ReplayedSpans()
    {
    }

    public SpanForest Forest { get; private set; } = SpanForest.Build([]);

    /// <summary>The spans of analyses and of their model calls.</summary>
    public IReadOnlyList<Span> Records => _records;

    /// <summary>Reads the spans.</summary>
    /// <param name="store">Where they are.</param>
    /// <param name="incidentId">The incident.</param>
    /// <param name="evidence">Looks at the same reading; null where nobody else does.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async ValueTask<ReplayedSpans> ReadAsync(ISpanStore store, Guid incidentId, CaseTaker? evidence, CancellationToken cancellationToken)
    {
        var recorded = new ReplayedSpans();
        var forest = new SpanForest.Builder(isBare: true);
        var walked = new CaseTaker(forest)
        {
            TakesRecords = true,
            Hashed = (_, digest) => recorded._digests.Add(digest),
            MalformedFound = (number, args, result) => recorded._malformed.Add(number, (args, result)),
        };
        await new CaseReader(store, evidence is null ? [walked] : [walked, evidence]).ReadAsync(incidentId, cancellationToken).ConfigureAwait(false);
        var records = new SpanQuery { IncidentId = incidentId.ToString("D"), IsEvidence = false };
        await foreach (var span in store.ListAsync(records, cancellationToken).ConfigureAwait(false))
        {
            // What came since is not part of this replay; what only looks like a record came from elsewhere, and proves nothing.
            if (forest.Holds(span.SpanId)
                && (AnalysisSpan.HasReport(span) || (span.Tool == ToolNames.AnalysisModelCall && SpanIds.IsModelCall(span.SpanId, span.ParentId))))
            {
                recorded._records.Add(span);
            }
        }

        recorded.Forest = forest.Build();
        return recorded;
    }

    public ArtifactDigest DigestOf(SpanNode node) => _digests[node.Number];

    /// <summary>What a span names its arguments and result where a name is no digest, so that they cannot be there.</summary>
    public (string? Args, string? Result) MalformedOf(SpanNode node) => _malformed.GetValueOrDefault(node.Number);
}
