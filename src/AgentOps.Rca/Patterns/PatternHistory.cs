using AgentOps.Rca.Analysis;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Patterns;

/// <summary>What was found in the 90 days before an analysis, or in as many of them as it takes to count 10,000 analyses.</summary>
internal sealed class PatternHistory(ISpanStore spans) : IRcaHistory
{
    private const int EnoughAnalyses = 10_000;
    private const int MostPatterns = 100;

    // Spans are listed from the oldest on, so recent days are read first and on their own.
    private static readonly int[] Days = [1, 3, 9, 27, 90];

    public async ValueTask<IReadOnlyList<RcaPattern>> ReadAsync(
        Guid incidentId, IEnumerable<string> tools, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tools);
        var own = incidentId.ToString("D");
        var known = tools.Select(RcaSignature.ToolClass).ToHashSet(StringComparer.Ordinal);
        var tally = new PatternTally();
        var to = now;
        foreach (var days in Days)
        {
            var from = now.AddDays(-days);
            var query = new SpanQuery { IsEvidence = false, FromTs = AnalysisSpan.Microseconds(from), ToTs = AnalysisSpan.Microseconds(to) };
            await foreach (var span in spans.ListAsync(query, cancellationToken))
            {
                if (span.IncidentId != own)
                {
                    tally.Add(span);
                }
            }

            if (tally.Analyses >= EnoughAnalyses)
            {
                break;
            }

            to = from;
        }

        return [.. tally.Patterns().Where(pattern => RcaSignature.Parse(pattern.Signature) is { } signature && known.Contains(signature.Tool)).Take(MostPatterns)];
    }
}
