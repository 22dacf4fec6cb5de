using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>What earlier analyses found, counted by signature.</summary>
internal static class RcaHistory
{
    private const int MostAnalyses = 10_000;
    private const int MostSignatures = 1_000;
    private const int MostIncidentsNamed = 10;
    private static readonly TimeSpan Window = TimeSpan.FromDays(90);

    public static async ValueTask<IReadOnlyList<RcaPattern>> ReadAsync(
        ISpanStore spans, Guid incidentId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var query = new SpanQuery
        {
            IsEvidence = false,
            FromTs = AnalysisSpan.Microseconds(now - Window),
            ToTs = AnalysisSpan.Microseconds(now),
            Limit = MostAnalyses,
        };
        var latest = new Dictionary<Guid, (long EndTs, string Signature)>();
        await foreach (var span in spans.ListAsync(query, cancellationToken))
        {
            if (span.Tool.StartsWith(ToolNames.AnalysisPrefix, StringComparison.Ordinal)
                && Guid.TryParseExact(span.IncidentId, "D", out var incident) && incident != incidentId
                && span.Attributes.TryGetProperty(AnalysisSpan.Signature, out var signature) && signature.ValueKind == JsonValueKind.String
                && (!latest.TryGetValue(incident, out var known) || known.EndTs <= span.EndTs))
            {
                latest[incident] = (span.EndTs, signature.GetString()!);
            }
        }

        return [.. latest
            .GroupBy(pair => pair.Value.Signature, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count())
            .ThenBy(group => group.Key, StringComparer.Ordinal)
            .Take(MostSignatures)
            .Select(group => new RcaPattern(
                group.Key,
                group.Count(),
                [.. group.OrderByDescending(pair => pair.Value.EndTs).ThenBy(pair => pair.Key).Take(MostIncidentsNamed).Select(pair => pair.Key)]))];
    }
}
