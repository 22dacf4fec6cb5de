using AgentOps.Rca.Analysis;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Patterns;

/// <summary>What was found in the 90 days before an analysis, or in as much of them as it takes to count 1,000 analyses.</summary>
internal sealed class PatternHistory([FromKeyedServices(SharedStores.Key)] ISpanStore spans) : IRcaHistory
{
    private const int EnoughAnalyses = 1_000;
    private const int MostPatterns = 100;

    // Spans are listed from the oldest on, so recent times are read first and on their own. Each range is four times the one before: a
    // host that analyses all the time reads a few thousand spans each time, however many there are, and a quiet one asks ten times.
    private static readonly int[] Minutes = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 90 * 24 * 60];

    public async ValueTask<IReadOnlyList<RcaPattern>> ReadAsync(
        Guid incidentId, IEnumerable<string> tools, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tools);
        var own = incidentId.ToString("D");
        var known = tools.Select(RcaSignature.ToolClass).ToHashSet(StringComparer.Ordinal);
        var tally = new PatternTally();
        var to = now;
        foreach (var minutes in Minutes)
        {
            var from = now.AddMinutes(-minutes);
            var query = new SpanQuery { IsEvidence = false, FromTs = EpochUnit.Microseconds(from), ToTs = EpochUnit.Microseconds(to) };
            await foreach (var span in spans.ListAsync(query, cancellationToken).ConfigureAwait(false))
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
