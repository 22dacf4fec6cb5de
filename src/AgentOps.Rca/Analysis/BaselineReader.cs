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
            await foreach (var span in store.ListAsync(query, cancellationToken))
            {
                // A range of time may hold the incident itself; it is no measure of itself.
                if (spans.Find(span.SpanId) is not null)
                {
                    continue;
                }

                builder.Add(span);
                if (called.Contains(span.Tool) && ArtifactDigest.TryParse(span.ArgsDigest, out var digest))
                {
                    var digests = arguments.TryGetValue(span.Tool, out var known) ? known : arguments[span.Tool] = [];
                    if (digests.Count < BaselineBuilder.MostArguments)
                    {
                        digests.Add(digest);
                    }
                }
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
