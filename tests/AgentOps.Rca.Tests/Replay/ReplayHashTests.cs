using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Replay;

public sealed class ReplayHashTests
{
    // What is told of the first artifacts that are missing, and what is only hashed of the others, must be one line.
    [Fact]
    public void A_missing_artifact_is_hashed_alike_whether_its_finding_is_kept_or_not()
    {
        var digest = ArtifactDigest.Of([1]);
        foreach (var id in Samples.HostileText.Select(row => row.Data).Where(text => text.Length > 0))
        {
            var node = SpanForest.Build([Samples.Span(id)]).Nodes[0];
            using var kept = new ReplayHash(Samples.Incident(1));
            using var hashed = new ReplayHash(Samples.Incident(1));
            kept.Append(new ReplayDeviation
            {
                Kind = ReplayDeviationKind.MissingArtifact,
                Effect = ReplayEffect.Incomplete,
                SpanId = node.SpanId,
                Expected = digest.ToString(),
                Message = "",
            });
            hashed.AppendMissing(node, digest);

            Assert.Equal(kept.Finish(ReplayVerdict.Incomplete), hashed.Finish(ReplayVerdict.Incomplete));
        }
    }

    [Fact]
    public void More_findings_are_counted_and_hashed_than_are_kept()
    {
        var node = SpanForest.Build([Samples.Span("a")]).Nodes[0];
        using var hash = new ReplayHash(Samples.Incident(1));
        var findings = new ReplayFindings(hash);
        for (var number = 0; number < 1_500; number++)
        {
            findings.Missing(node, "result", new ArtifactFault.Unknown(ArtifactDigest.Of([1])), ArtifactDigest.Of([1]));
        }

        Assert.Equal((1_500, 1_000, ReplayVerdict.Incomplete), ((int)findings.Count, findings.Kept.Count, findings.Verdict));
    }
}
