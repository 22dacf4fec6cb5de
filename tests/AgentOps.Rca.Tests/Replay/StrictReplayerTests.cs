using System.Globalization;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using CsCheck;

namespace AgentOps.Rca.Tests.Replay;

public sealed class StrictReplayerTests
{
    [Fact]
    public async Task An_untouched_recording_is_reproduced()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();

        var result = await recorded.ReplayAsync();

        Assert.Equal(ReplayVerdict.Reproduced, result.Verdict);
        Assert.Empty(result.Deviations);
        Assert.Equal(4, result.SpanCount);
        Assert.True(Assert.Single(result.Analyses).Reproduced);
        Assert.Equal(result.Analyses[0].ReportDigest, result.Rca!.ReportDigest);
    }

    [Fact]
    public async Task An_unknown_incident_has_no_replay() =>
        Assert.Null(await (await RecordedIncident.CreateAsync()).Replayer.ReplayAsync(Samples.Id(99)));

    [Fact]
    public async Task A_lost_artifact_makes_it_incomplete_and_is_named()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var digest = (await recorded.Spans.GetAsync("call"))!.ResultDigest!;
        recorded.Contents.Lost.Add(digest);

        var result = await recorded.ReplayAsync();

        // The engine saw it, so the report cannot come out the same either; but what is missing comes first.
        var missing = result.Deviations[0];
        Assert.Equal((ReplayDeviationKind.MissingArtifact, "call", digest), (missing.Kind, missing.SpanId, missing.Expected));
        Assert.NotEqual(ReplayVerdict.Reproduced, result.Verdict);
    }

    [Fact]
    public async Task A_changed_artifact_makes_it_diverge_and_is_named_with_both_digests()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var digest = (await recorded.Spans.GetAsync("later"))!.ResultDigest!;
        recorded.Contents.Changed[digest] = "dune"u8.ToArray();

        var result = await recorded.ReplayAsync();

        Assert.Equal(ReplayVerdict.Diverged, result.Verdict);
        Assert.Equal(
            (ReplayDeviationKind.DigestMismatch, "later", digest),
            (result.FirstDivergence!.Kind, result.FirstDivergence.SpanId, result.FirstDivergence.Expected));
        Assert.Equal(ArtifactDigest.Of("dune"u8).ToString(), result.FirstDivergence.Actual);
    }

    [Fact]
    public async Task Evidence_that_came_later_is_noted_and_the_report_stands()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        await recorded.AddAsync(recorded.Span("late", 1_000_030));

        var result = await recorded.ReplayAsync();

        Assert.Equal(ReplayVerdict.Reproduced, result.Verdict);
        Assert.Equal((ReplayDeviationKind.EvidenceAdded, ReplayEffect.Note, "late"), Brief(Assert.Single(result.Deviations)));
    }

    [Fact]
    public async Task Evidence_that_changed_makes_it_diverge()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        recorded.Spans.Changed["later"] = span => span with { EndTs = span.EndTs + 1 };

        var result = await recorded.ReplayAsync();

        Assert.Equal(ReplayVerdict.Diverged, result.Verdict);
        Assert.Equal((ReplayDeviationKind.EvidenceChanged, ReplayEffect.Diverged, "later"), Brief(result.FirstDivergence!));
    }

    [Fact]
    public async Task Evidence_that_is_gone_makes_it_incomplete()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        recorded.Spans.Hidden.Add("later");

        var result = await recorded.ReplayAsync();

        Assert.Equal(ReplayVerdict.Incomplete, result.Verdict);
        Assert.Equal((ReplayDeviationKind.EvidenceMissing, ReplayEffect.Incomplete, "later"), Brief(Assert.Single(result.Deviations)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_version_of_the_engine_or_none_makes_it_incomplete(bool registered)
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        recorded.Engines.Clear();
        if (registered)
        {
            recorded.Engines.Add(new FirstFailureEngine(version: "2"));
        }

        var result = await recorded.ReplayAsync();

        Assert.Equal(ReplayVerdict.Incomplete, result.Verdict);
        var deviation = Assert.Single(result.Deviations);
        Assert.Equal((ReplayDeviationKind.EngineVersionDiffers, "1", registered ? "2" : null), (deviation.Kind, deviation.Expected, deviation.Actual));
    }

    [Fact]
    public async Task A_report_that_comes_out_differently_makes_it_diverge_and_the_place_is_named()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        recorded.Engines[0] = new FirstFailureEngine(cause: "broke first");

        var result = await recorded.ReplayAsync();

        Assert.Equal(ReplayVerdict.Diverged, result.Verdict);
        Assert.Equal(ReplayDeviationKind.ReportDiffers, result.FirstDivergence!.Kind);
        Assert.Contains("first at /hypotheses/0/cause: recorded \"failed first\", now \"broke first\"", result.FirstDivergence.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_recorded_oddly_is_noted_and_breaks_nothing()
    {
        var recorded = await RecordedIncident.CreateAsync();
        await recorded.AddAsync(
            recorded.Span("orphan", 10, parent: "nobody"),
            recorded.Span("a", 20, parent: "b"),
            recorded.Span("b", 21, parent: "a"),
            recorded.Span("self", 30, parent: "self"),
            recorded.Span("backwards", 40) with { EndTs = 39 },
            recorded.Span("early", 5, parent: "orphan"));

        var result = await recorded.ReplayAsync();

        Assert.Equal(ReplayVerdict.Reproduced, result.Verdict);
        Assert.Equal(
            [
                (ReplayDeviationKind.UnknownParent, ReplayEffect.Note, "orphan"),
                (ReplayDeviationKind.TimeInversion, ReplayEffect.Note, "early"),
                (ReplayDeviationKind.Cycle, ReplayEffect.Note, "a"),
                (ReplayDeviationKind.Cycle, ReplayEffect.Note, "self"),
                (ReplayDeviationKind.TimeInversion, ReplayEffect.Note, "backwards"),
            ],
            result.Deviations.Select(Brief));
    }

    [Fact]
    public async Task Outputs_come_in_causal_order_with_the_first_bytes_of_what_is_intact()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var result = await recorded.PutAsync(new string('x', 1_000));
        await recorded.AddAsync(
            recorded.Span("child", 1, parent: "parent", result: result),
            recorded.Span("parent", 2, result: result),
            recorded.Span("gone", 3, result: new string('0', 64)));
        List<ReplayOutput> outputs = [];

        await recorded.Replayer.ReplayAsync(recorded.Incident.Id, (output, _) =>
        {
            outputs.Add(output);
            return ValueTask.CompletedTask;
        });

        Assert.Equal(["parent", "child", "gone"], outputs.Select(output => output.Span));
        Assert.Equal(256, outputs[0].Preview!.Length);
        Assert.Null(outputs[2].Preview);
    }

    [Fact]
    public async Task A_chain_of_100000_spans_is_walked()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var spans = Enumerable.Range(0, 100_000).Select(i => recorded.Span(
            i.ToString("d6", CultureInfo.InvariantCulture), 1_000 + i, parent: i == 0 ? null : (i - 1).ToString("d6", CultureInfo.InvariantCulture)));
        await recorded.AddAsync([.. spans]);

        Assert.Equal((ReplayVerdict.Reproduced, 100_000), ((await recorded.ReplayAsync()) is var result ? result.Verdict : default, result.SpanCount));
    }

    [Fact]
    public void Any_order_of_arrival_has_the_same_replay_digest()
    {
        const int incidents = 1_000;
        var spans = 0;
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 12]).Sample(
            (seed, count) =>
            {
                var first = DigestOf(seed, count, shuffle: 0).GetAwaiter().GetResult();
                for (var order = 1; order <= Trial.Size(1, 5); order++)
                {
                    Assert.Equal(first, DigestOf(seed, count, shuffle: seed + order).GetAwaiter().GetResult());
                }

                spans += count;
            },
            iter: incidents, threads: 1);
        Trial.Report("Replay: orders of arrival", $"{incidents} generated incidents of {spans} spans in {Trial.Size(2, 6)} orders each, one replay digest each");
    }

    private static async Task<string> DigestOf(int seed, int count, int shuffle)
    {
        var random = new Random(seed);
        var recorded = await RecordedIncident.CreateAsync();
        var spans = new List<Span>();
        for (var i = 0; i < count; i++)
        {
            var content = random.Next(3) == 0 ? new string('f', 64) : await recorded.PutAsync($"content {random.Next(5)}");
            spans.Add(recorded.Span(
                $"s{i}", random.Next(20), parent: random.Next(3) == 0 ? null : $"s{random.Next(count + 1)}", result: content,
                attributes: random.Next(4) == 0 ? """{"status":"error"}""" : "{}"));
        }

        if (shuffle != 0)
        {
            new Random(shuffle).Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(spans));
        }

        foreach (var span in spans)
        {
            await recorded.AddAsync(span);
        }

        await recorded.AnalyzeAsync();
        return (await recorded.ReplayAsync()).ReplayDigest;
    }

    private static (ReplayDeviationKind Kind, ReplayEffect Effect, string? SpanId) Brief(ReplayDeviation deviation) =>
        (deviation.Kind, deviation.Effect, deviation.SpanId);
}
