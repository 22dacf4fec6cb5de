using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
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
        ISpanStore store, ArtifactVault artifacts, SpanForest spans, BaselineQueries reference, CancellationToken cancellationToken)
    {
        var tools = spans.Nodes.Where(static node => !node.IsLog).Select(static node => node.Tool).ToHashSet(StringComparer.Ordinal);
        Reading? best = null;
        foreach (var queries in reference.Attempts)
        {
            var reading = new Reading(spans, reference.SameToolsOnly ? tools : null);
            foreach (var query in queries)
            {
                await ReadAsync(store, query, BaselineQueries.MostCalls / queries.Count, reading, cancellationToken).ConfigureAwait(false);
            }

            // A cut listing holds the oldest of its range; what the smaller one holds is nearer to the case.
            if (reading.IsCut && best is { Calls: > 0 })
            {
                break;
            }

            best = reading;
            if (reading.IsCut || tools.All(reading.HasEnoughOf))
            {
                break;
            }
        }

        return best is null ? Baseline.Empty : await BuildAsync(best, artifacts, reference.Source, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask ReadAsync(
        ISpanStore store, SpanQuery query, int mostCalls, Reading reading, CancellationToken cancellationToken)
    {
        var (calls, read, last) = (0, 0, (Span?)null);
        var (hasLogs, end) = (false, long.MinValue);
        await foreach (var span in store.ListAsync(query, cancellationToken).ConfigureAwait(false))
        {
            read++;
            (last, hasLogs) = (span, hasLogs || span.Tool == ToolNames.Log);
            if (reading.Take(span))
            {
                end = Math.Max(end, span.EndTs);
                calls += span.Tool == ToolNames.Log ? 0 : 1;
            }

            if (calls == mostCalls)
            {
                break;
            }
        }

        reading.IsCut |= calls == mostCalls || read == query.Limit;
        if (hasLogs && last is not null)
        {
            await AddLaterLogsAsync(store, query, last, end, reading.Builder, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask<Baseline> BuildAsync(
        Reading reading, ArtifactVault artifacts, string source, CancellationToken cancellationToken)
    {
        foreach (var (tool, digest) in reading.Arguments.OrderBy(tool => tool.Key, StringComparer.Ordinal)
            .SelectMany(tool => tool.Value.Select(digest => (tool.Key, digest))).Take(MostArtifacts))
        {
            if (await ReadAsync(artifacts, digest, cancellationToken).ConfigureAwait(false) is { } json)
            {
                reading.Builder.AddArguments(tool, json);
            }
        }

        foreach (var (tool, digest) in reading.Results.OrderBy(tool => tool.Key, StringComparer.Ordinal)
            .SelectMany(tool => tool.Value.Select(digest => (tool.Key, digest))).Take(MostArtifacts))
        {
            if (await ReadAsync(artifacts, digest, cancellationToken).ConfigureAwait(false) is { } json)
            {
                reading.Builder.AddResult(tool, Envelope.Result(json, default).Value);
            }
        }

        return reading.Builder.Build(source);
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
        await foreach (var log in store.ListAsync(later, cancellationToken).ConfigureAwait(false))
        {
            if (log.ParentId is { } call && builder.Holds(call))
            {
                builder.Add(log);
            }
        }
    }

    private static async ValueTask<JsonElement?> ReadAsync(ArtifactVault artifacts, ArtifactDigest digest, CancellationToken cancellationToken)
    {
        var read = await artifacts.ReadAllVerifiedAsync(digest, MostArtifactBytes, cancellationToken).ConfigureAwait(false);
        return read.IsIntact && JsonRules.TryRead(read.Content.Span, out var value) ? value : null;
    }

    /// <summary>What one attempt has taken in.</summary>
    private sealed class Reading(SpanForest spans, HashSet<string>? tools)
    {
        private readonly HashSet<string> _called =
            spans.Nodes.Where(node => node.ArgsDigest is not null).Select(node => node.Tool).ToHashSet(StringComparer.Ordinal);

        private readonly EventPatterns _senders = new();
        private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

        public BaselineBuilder Builder { get; } = new();

        public Dictionary<string, List<ArtifactDigest>> Arguments { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, List<ArtifactDigest>> Results { get; } = new(StringComparer.Ordinal);

        public int Calls { get; private set; }

        public bool IsCut { get; set; }

        public bool HasEnoughOf(string tool) => _counts.GetValueOrDefault(tool) >= BaselineQueries.EnoughCalls;

        public bool Take(Span span)
        {
            // A range of time may hold the incident itself; it is no measure of itself.
            if (spans.Find(span.SpanId) is not null || (tools is not null && !IsOfInterest(span, tools)))
            {
                return false;
            }

            Builder.Add(span);
            if (span.Tool == ToolNames.Log)
            {
                return true;
            }

            Calls++;
            _counts[span.Tool] = _counts.GetValueOrDefault(span.Tool) + 1;
            if (_called.Contains(span.Tool) && ArtifactDigest.TryParse(span.ArgsDigest, out var digest))
            {
                Note(Arguments, span.Tool, digest);
            }

            if (tools?.Contains(span.Tool) != false && span.Tool.StartsWith(ToolNames.ToolCallPrefix, StringComparison.Ordinal) && ArtifactDigest.TryParse(span.ResultDigest, out var result))
            {
                Note(Results, StepBaseline.KeyOf(SenderOf(span), span.Tool), result);
            }

            return true;
        }

        private string? SenderOf(Span span) => _senders.ServiceOf(span.Attributes) ?? _senders.SenderOf(span.Attributes);

        private static void Note(Dictionary<string, List<ArtifactDigest>> noted, string tool, ArtifactDigest digest)
        {
            var digests = noted.TryGetValue(tool, out var known) ? known : noted[tool] = [];
            if (digests.Count < BaselineBuilder.MostArguments)
            {
                digests.Add(digest);
            }
        }

        // Listings go by start, so callers come before what they call.
        private bool IsOfInterest(Span span, HashSet<string> tools) =>
            (span.Tool != ToolNames.Log && tools.Contains(span.Tool)) || (span.ParentId is { } caller && Builder.Holds(caller));
    }
}
