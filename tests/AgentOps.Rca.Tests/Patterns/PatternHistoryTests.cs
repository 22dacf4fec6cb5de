using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Patterns;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Patterns;

public sealed class PatternHistoryTests
{
    private const string Signature = "rate_limited|tool.call/carrier|429";
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);
    private readonly InMemorySpanStore _spans = new();

    [Fact]
    public async Task Other_incidents_of_the_same_tools_are_counted_with_what_was_approved()
    {
        await AnalyzedAsync(1, Now.AddDays(-80), "Too many requests.");
        await AnalyzedAsync(2, Now.AddDays(-2), "Too many requests again.");
        await AnalyzedAsync(3, Now.AddHours(-2), "A third time.");
        await DecidedAsync(1, ApprovalDecision.Approved, Now.AddDays(-79), "Raised the limit.");
        await DecidedAsync(2, ApprovalDecision.Rejected, Now.AddDays(-1), "No.");

        var pattern = Assert.Single(await ReadAsync(9, "tool.call/carrier", "tool.call/else"));

        Assert.Equal((Signature, 3), (pattern.Signature, pattern.Count));
        Assert.Equal([Id(3), Id(2), Id(1)], pattern.Incidents);
        Assert.Equal((Now.AddDays(-80), Now.AddHours(-2)), (pattern.FirstSeen, pattern.LastSeen));
        var approved = Assert.Single(pattern.Approved);
        Assert.Equal((Id(1), "Too many requests.", "Raised the limit."), (approved.IncidentId, approved.RootCause, approved.Note));
    }

    [Fact]
    public async Task An_incident_is_no_precedent_of_itself_nor_are_other_tools_or_what_is_long_past_or_still_to_come()
    {
        await AnalyzedAsync(1, Now.AddDays(-1), "x");
        await AnalyzedAsync(2, Now.AddDays(-91), "x");
        await AnalyzedAsync(3, Now.AddDays(1), "x");

        Assert.Empty(await ReadAsync(1, "tool.call/carrier"));
        Assert.Empty(await ReadAsync(9, "tool.call/search"));
        Assert.Equal(1, Assert.Single(await ReadAsync(9, "tool.call/carrier")).Count);
    }

    [Fact]
    public async Task The_latest_ten_incidents_are_named_and_the_latest_three_approvals()
    {
        for (var i = 1; i <= 12; i++)
        {
            await AnalyzedAsync(i, Now.AddHours(-i), string.Create(CultureInfo.InvariantCulture, $"cause {i}"));
            await DecidedAsync(i, ApprovalDecision.Approved, Now.AddHours(-i), null);
        }

        var pattern = Assert.Single(await ReadAsync(99, "tool.call/carrier"));

        Assert.Equal(12, pattern.Count);
        Assert.Equal(Enumerable.Range(1, 10).Select(Id), pattern.Incidents);
        Assert.Equal(["cause 1", "cause 2", "cause 3"], pattern.Approved.Select(approved => approved.RootCause));
    }

    private ValueTask<IReadOnlyList<RcaPattern>> ReadAsync(int incident, params string[] tools) =>
        new PatternHistory(_spans).ReadAsync(Id(incident), tools, Now, TestContext.Current.CancellationToken);

    private async Task AnalyzedAsync(int incident, DateTimeOffset at, string cause)
    {
        var report = new RcaReport
        {
            IncidentId = Id(incident),
            Verdict = RcaVerdict.Identified,
            Confidence = 0.9,
            Summary = cause,
            RootCause = cause,
            Engine = "trace",
            EngineVersion = "1",
            Signature = Signature,
            AnalysisTimestamp = at,
        };
        var manifest = new CaseManifest
        {
            Incident = Samples.Incident(1) with { Id = Id(incident) },
            SpanIndexDigest = "",
            SpanCount = 0,
            Baseline = AgentOps.Rca.Analysis.Baselines.Baseline.Empty,
            Engine = "trace",
            EngineVersion = "1",
            AnalyzedAt = at,
        };
        var digest = ArtifactDigest.Of(RcaJson.ToUtf8(manifest));
        await _spans.AddAsync([AnalysisSpan.Create(manifest, digest, report, Digest(incident), at)]);
    }

    private async Task DecidedAsync(int incident, ApprovalDecision decision, DateTimeOffset at, string? note) =>
        await _spans.AddAsync(
        [
            ApprovalSpan.Create(new ApprovalRequest { IncidentId = Id(incident), Decision = decision, Note = note }, Digest(incident).ToString(), at),
        ]);

    private static ArtifactDigest Digest(int incident) => ArtifactDigest.Of(BitConverter.GetBytes(incident));

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);
}
