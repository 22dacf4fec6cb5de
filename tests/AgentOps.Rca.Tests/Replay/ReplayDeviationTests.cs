using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Tests.Recording;

namespace AgentOps.Rca.Tests.Replay;

/// <summary>Every deviation that has a name is made once, and comes out under that name and with its effect.</summary>
public sealed class ReplayDeviationTests
{
    private static readonly Dictionary<ReplayDeviationKind, (ReplayEffect Effect, Func<Task<IEnumerable<ReplayDeviation>>> Make)> Ways = new()
    {
        [ReplayDeviationKind.MissingArtifact] = (ReplayEffect.Incomplete, () => OfIncident(async recorded =>
            recorded.Contents.Lost.Add((await recorded.Spans.GetAsync("later"))!.ResultDigest!))),
        [ReplayDeviationKind.DigestMismatch] = (ReplayEffect.Diverged, () => OfIncident(async recorded =>
            recorded.Contents.Changed[(await recorded.Spans.GetAsync("later"))!.ResultDigest!] = "dune"u8.ToArray())),
        [ReplayDeviationKind.UnknownParent] = (ReplayEffect.Note, () => OfIncident(recorded => recorded.AddAsync(recorded.Span("x", 1, parent: "nobody")))),
        [ReplayDeviationKind.Cycle] = (ReplayEffect.Note, () => OfIncident(recorded => recorded.AddAsync(
            recorded.Span("x", 1, parent: "y"), recorded.Span("y", 2, parent: "z"), recorded.Span("z", 3, parent: "x")))),
        [ReplayDeviationKind.TimeInversion] = (ReplayEffect.Note, () => OfIncident(recorded => recorded.AddAsync(recorded.Span("x", 9) with { EndTs = 8 }))),
        [ReplayDeviationKind.EvidenceAdded] = (ReplayEffect.Note, () => OfIncident(recorded => recorded.AddAsync(recorded.Span("x", 1_000_099)))),
        [ReplayDeviationKind.EvidenceChanged] = (ReplayEffect.Diverged, () => OfIncident(recorded =>
        {
            recorded.Spans.Changed["later"] = span => span with { Tool = "tool.call/other" };
            return Task.CompletedTask;
        })),
        [ReplayDeviationKind.EvidenceMissing] = (ReplayEffect.Incomplete, () => OfIncident(recorded =>
        {
            recorded.Spans.Hidden.Add("later");
            return Task.CompletedTask;
        })),
        [ReplayDeviationKind.CaseUnreadable] = (ReplayEffect.Incomplete, () => OfIncident(async recorded =>
        {
            var analysis = await recorded.Spans.ListAsync(new SpanQuery { IncidentId = recorded.IncidentId, IsEvidence = false }).SingleAsync();
            var other = await recorded.PutAsync("{}");
            recorded.Spans.Changed[analysis.SpanId] = span => span with { ArgsDigest = other, SpanId = AnalysisSpan.IdOf(ArtifactDigest.Parse(other)) };
        })),
        [ReplayDeviationKind.EngineVersionDiffers] = (ReplayEffect.Incomplete, () => OfIncident(recorded =>
        {
            recorded.Engines[0] = new FirstFailureEngine(version: "2");
            return Task.CompletedTask;
        })),
        [ReplayDeviationKind.ReportDiffers] = (ReplayEffect.Diverged, () => OfIncident(recorded =>
        {
            recorded.Engines[0] = new FirstFailureEngine(cause: "broke first");
            return Task.CompletedTask;
        })),
        [ReplayDeviationKind.DecisionChanged] = (ReplayEffect.Diverged, () => OfIncident(async recorded =>
        {
            var made = await recorded.SignedApprovals.DecideAsync(new ApprovalRequest { IncidentId = recorded.Incident.Id, ApprovedBy = "ann" });
            recorded.Spans.Changed[((ApprovalOutcome.Recorded)made).Approval.SpanId] = span => span with { EndTs = span.EndTs + 1 };
        })),
        [ReplayDeviationKind.CallNotRecorded] = (ReplayEffect.Diverged, () => OfAgent(new ShippingAgent { AsksForWeather = true })),
        [ReplayDeviationKind.ArgumentChanged] = (ReplayEffect.Diverged, () => OfAgent(new ShippingAgent { Weight = 9 })),
        [ReplayDeviationKind.ExtraCall] = (ReplayEffect.Diverged, () => OfAgent(new ShippingAgent { BooksTwice = true })),
        [ReplayDeviationKind.RecordingUnused] = (ReplayEffect.Diverged, () => OfAgent(new ShippingAgent { SkipsBooking = true })),
        [ReplayDeviationKind.ResultDiffers] = (ReplayEffect.Diverged, () => OfAgent(new ShippingAgent { SkipsBooking = true })),
        [ReplayDeviationKind.RecordingUnreadable] = (ReplayEffect.Incomplete, () => OfAgent(new ShippingAgent(), async recorded =>
        {
            foreach (var other in await recorded.Spans.ListAsync(new SpanQuery { Tool = "llm.call/small-1" }).ToListAsync())
            {
                recorded.Spans.Changed[other.SpanId] = span => span with { ResultDigest = ArtifactDigest.Of("[]"u8).ToString() };
            }

            await recorded.PutAsync("[]");
        })),
    };

    public static TheoryData<ReplayDeviationKind> Kinds => [.. Enum.GetValues<ReplayDeviationKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_deviation_is_named_as_what_it_is(ReplayDeviationKind kind)
    {
        Assert.True(Ways.TryGetValue(kind, out var way), $"Nothing here makes the deviation {kind}.");

        var found = (await way.Make()).First(deviation => deviation.Kind == kind);

        Assert.Equal(way.Effect, found.Effect);
        Assert.False(string.IsNullOrWhiteSpace(found.Message));
    }

    private static async Task<IEnumerable<ReplayDeviation>> OfIncident(Func<RecordedIncident, Task> damage)
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        await damage(recorded);
        return (await recorded.ReplayAsync()).Deviations;
    }

    private static async Task<IEnumerable<ReplayDeviation>> OfAgent(ShippingAgent changed, Func<RecordedIncident, Task>? damage = null)
    {
        var recorded = await RecordedIncident.CreateAsync();
        await new ShippingAgent().RunAsync(AgentRecorderTests.Recorder(recorded), recorded.Incident.Id, new QuotingModel());
        await (damage?.Invoke(recorded) ?? Task.CompletedTask);
        var replay = await new AgentReplayer(recorded.Spans, recorded.Vault).OpenAsync(recorded.Incident.Id);
        try
        {
            await changed.RunAsync(replay, recorded.Incident.Id, new QuotingModel());
        }
        catch (ReplayDivergenceException)
        {
            // Told by the result.
        }

        return replay.Finish().Deviations;
    }
}
