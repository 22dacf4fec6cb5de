using System.Text.Json;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>Reads a baseline out of the span store, and the arguments of a few calls of each tool that the case has, too.</summary>
internal static class BaselineReader
{
    private const int MostArtifacts = 300;
    private const int MostArtifactBytes = 64 * 1024;

    public static async ValueTask<Baseline> ReadAsync(
        ISpanStore store, ArtifactVault artifacts, SpanForest spans, (IReadOnlyList<SpanQuery> Queries, string Source) reference, CancellationToken cancellationToken)
    {
        var builder = new BaselineBuilder();
        var called = spans.Nodes.Where(node => node.ArgsDigest is not null).Select(node => node.Tool).ToHashSet(StringComparer.Ordinal);
        var arguments = new Dictionary<string, List<ArtifactDigest>>(StringComparer.Ordinal);
        foreach (var query in reference.Queries)
        {
            var (calls, read, last) = (0, 0, (Span?)null);
            var (hasLogs, end) = (false, long.MinValue);
            await foreach (var span in store.ListAsync(query, cancellationToken))
            {
                var isLog = span.Tool == ToolNames.Log;
                if ((!isLog && ++calls > BaselineQueries.MostCalls) || ++read > BaselineQueries.MostSpans)
                {
                    break;
                }

                (last, hasLogs) = (span, hasLogs || isLog);

                // A range of time may hold the incident itself; it is no measure of itself.
                if (spans.Find(span.SpanId) is not null)
                {
                    continue;
                }

                builder.Add(span);
                end = Math.Max(end, span.EndTs);
                if (called.Contains(span.Tool) && ArtifactDigest.TryParse(span.ArgsDigest, out var digest))
                {
                    var digests = arguments.TryGetValue(span.Tool, out var known) ? known : arguments[span.Tool] = [];
                    if (digests.Count < BaselineBuilder.MostArguments)
                    {
                        digests.Add(digest);
                    }
                }
            }

            if (hasLogs && last is not null)
            {
                await AddLaterLogsAsync(store, query, last, end, builder, cancellationToken);
            }
        }

        foreach (var (tool, digest) in arguments.OrderBy(tool => tool.Key, StringComparer.Ordinal)
            .SelectMany(tool => tool.Value.Select(digest => (tool.Key, digest))).Take(MostArtifacts))
        {
            if (await ReadAsync(artifacts, digest, cancellationToken) is { } json)
            {
                builder.AddArguments(tool, json);
            }
        }

        return builder.Build(reference.Source);
    }

    // The last calls of a range report after its end what the others report within it; without that they would look cut short.
    private static async ValueTask AddLaterLogsAsync(
        ISpanStore store, SpanQuery query, Span last, long end, BaselineBuilder builder, CancellationToken cancellationToken)
    {
        var later = query with
        {
            Tool = ToolNames.Log,
            IsEvidence = null,
            FromTs = null,
            ToTs = end == long.MaxValue ? end : end + 1,
            After = new SpanCursor(last.StartTs, last.SpanId),
            Limit = BaselineQueries.MostSpans,
        };
        await foreach (var log in store.ListAsync(later, cancellationToken))
        {
            if (log.ParentId is { } call && builder.Holds(call))
            {
                builder.Add(log);
            }
        }
    }

    private static async ValueTask<JsonElement?> ReadAsync(ArtifactVault artifacts, ArtifactDigest digest, CancellationToken cancellationToken)
    {
        var read = await artifacts.ReadAllVerifiedAsync(digest, MostArtifactBytes, cancellationToken);
        if (!read.IsIntact)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(read.Content, JsonRules.DocumentOptions);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
