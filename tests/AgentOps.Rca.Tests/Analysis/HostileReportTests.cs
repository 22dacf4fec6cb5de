using System.Text;
using System.Text.Json.Nodes;
using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tests.Analysis;

/// <summary>A11: reports and manifests of others, which a bundle brings under a seal of its own.</summary>
public sealed class HostileReportTests
{
    [Theory]
    [InlineData("hypotheses", "null")]
    [InlineData("hypotheses", "[null]")]
    [InlineData("evidence", "null")]
    [InlineData("evidence", "[null]")]
    [InlineData("gaps", "[null]")]
    [InlineData("timeline", "null")]
    [InlineData("patterns", "[null]")]
    [InlineData("recommendations", "[1]")]
    [InlineData("summary", "null")]
    [InlineData("engine", "null")]
    [InlineData("incident_id", "\"x\"")]
    [InlineData("analysis_timestamp", "\"yesterday\"")]
    [InlineData("confidence", "1e999")]
    [InlineData("verdict", "17.5")]
    [InlineData("summary", "\"\\ud800\"")]
    public void A_report_with_a_member_that_cannot_be_is_none(string member, string value)
    {
        var report = Report();
        Assert.NotNull(RcaJson.ReadReport(Encoding.UTF8.GetBytes(report.ToJsonString())));

        report[member] = "@";
        Assert.Null(RcaJson.ReadReport(Encoding.UTF8.GetBytes(report.ToJsonString().Replace("\"@\"", value, StringComparison.Ordinal))));
    }

    private static JsonNode Report() => JsonNode.Parse(RcaJson.ToUtf8(new RcaReport
    {
        IncidentId = Guid.Parse("6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01"),
        Verdict = RcaVerdict.Identified,
        Confidence = 0.5,
        Summary = "s",
        Engine = "trace",
        EngineVersion = "1",
        AnalysisTimestamp = DateTimeOffset.UnixEpoch,
        Hypotheses = [new RcaHypothesis { Rank = 1, Cause = "c", Category = "x", Score = 1, Evidence = ["E1"], Grounded = true }],
        Evidence = [new RcaEvidence { Id = "E1", Kind = "span", Text = "t", SpanId = "s", Checked = true }],
    }))!;
}
