using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>Reads a baseline out of the span store.</summary>
internal static class BaselineReader
{
    public static async ValueTask<Baseline> ReadAsync(
        ISpanStore store, SpanForest spans, (IReadOnlyList<SpanQuery> Queries, string Source) reference, CancellationToken cancellationToken)
    {
        var builder = new BaselineBuilder();
        foreach (var query in reference.Queries)
        {
            await foreach (var span in store.ListAsync(query, cancellationToken))
            {
                // A range of time may hold the incident itself; it is no measure of itself.
                if (spans.Find(span.SpanId) is null)
                {
                    builder.Add(span);
                }
            }
        }

        return builder.Build(reference.Source);
    }
}
