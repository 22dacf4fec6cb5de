using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Evals.AgentRuns;
using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Claims;

/// <summary>A recorded run as a case in memory.</summary>
internal static class RecordedRun
{
    private const int MostArtifactBytes = 8 * 1024 * 1024;

    /// <summary>The case of a run, or null when there is no recording of it.</summary>
    public static async Task<RcaCase?> OpenAsync(EvalOptions options, string folder, string name, Incident incident)
    {
        await using var host = new EvalHost(options);
        await AgentRun.SendAsync(host, folder, name);
        List<Span> spans = [];
        await foreach (var span in host.Spans.ListAsync(new SpanQuery { Limit = 100_000 }))
        {
            spans.Add(span);
        }

        List<ReadOnlyMemory<byte>> contents = [];
        foreach (var digest in spans.SelectMany(span => new[] { span.ArgsDigest, span.ResultDigest }).Distinct())
        {
            if (ArtifactDigest.TryParse(digest, out var known) && await host.Artifacts.ReadAllVerifiedAsync(known, MostArtifactBytes) is { IsIntact: true } read)
            {
                contents.Add(read.Content);
            }
        }

        return spans.Count == 0 ? null : RcaCase.Create(incident, spans, contents);
    }
}
