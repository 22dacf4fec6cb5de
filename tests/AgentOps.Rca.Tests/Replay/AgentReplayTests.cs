using AgentOps.Rca.Recording;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Tests.Recording;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Tests.Replay;

public sealed class AgentReplayTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unchanged_code_makes_every_recorded_call_and_comes_to_the_same_answer(bool streams)
    {
        var agent = new ShippingAgent { Streams = streams };
        var (recorded, answer) = await RecordAsync(agent);
        var model = new QuotingModel();
        var again = new ShippingAgent { Streams = streams };

        var replay = await OpenAsync(recorded);
        var replayed = await again.RunAsync(replay, recorded.Incident.Id, model);
        var result = replay.Finish();

        Assert.Equal(answer, replayed);
        Assert.Equal((ReplayVerdict.Reproduced, 6, 6), (result.Verdict, result.RecordedCalls, result.ReplayedCalls));
        Assert.Equal((0, 0), (model.Calls, again.ToolCalls));
    }

    [Fact]
    public async Task A_changed_prompt_is_caught_at_the_first_call_with_its_place()
    {
        var result = await ReplayAsync(new ShippingAgent(), new ShippingAgent { Prompt = "Which carrier ships order 8?" });

        Assert.Equal((ReplayVerdict.Diverged, ReplayDeviationKind.ArgumentChanged), (result.Verdict, result.FirstDivergence!.Kind));
        Assert.Contains(
            "The call llm.call/small-1 was recorded with other arguments, first at /messages/0/contents/0/text: recorded \"Which carrier ships order 7?\", now \"Which carrier ships order 8?\"",
            result.FirstDivergence.Message,
            StringComparison.Ordinal);
        Assert.Equal(1, result.ReplayedCalls);
    }

    [Fact]
    public async Task A_changed_argument_of_a_tool_is_caught_there_and_nowhere_before()
    {
        var result = await ReplayAsync(new ShippingAgent(), new ShippingAgent { Weight = 3 });

        Assert.Equal(ReplayDeviationKind.ArgumentChanged, result.FirstDivergence!.Kind);
        Assert.Contains("tool.call/book was recorded with other arguments, first at /weight: recorded 2.5, now 3", result.FirstDivergence.Message, StringComparison.Ordinal);
        Assert.Equal(4, result.ReplayedCalls);
    }

    [Fact]
    public async Task A_call_that_was_not_recorded_is_named_with_what_was_expected_instead()
    {
        var result = await ReplayAsync(new ShippingAgent(), new ShippingAgent { AsksForWeather = true });

        Assert.Equal(ReplayDeviationKind.CallNotRecorded, result.FirstDivergence!.Kind);
        Assert.Equal(
            "The call tool.call/weather was not recorded here. What was recorded and not made yet: tool.call/book.", result.FirstDivergence.Message);
    }

    [Fact]
    public async Task A_call_too_many_is_named()
    {
        var result = await ReplayAsync(new ShippingAgent(), new ShippingAgent { BooksTwice = true });

        Assert.Equal(ReplayDeviationKind.ExtraCall, result.FirstDivergence!.Kind);
        Assert.Equal("The call tool.call/book was recorded 2 times with these arguments, and is made once more.", result.FirstDivergence.Message);
    }

    [Fact]
    public async Task Recorded_calls_that_are_not_made_are_named_each()
    {
        var (recorded, _) = await RecordAsync(new ShippingAgent());
        var replay = await OpenAsync(recorded);
        await new ShippingAgent { SkipsBooking = true }.RunAsync(replay, recorded.Incident.Id, new QuotingModel());

        var result = replay.Finish();

        Assert.Equal(ReplayVerdict.Diverged, result.Verdict);
        Assert.Equal(
            [ReplayDeviationKind.ResultDiffers, ReplayDeviationKind.RecordingUnused, ReplayDeviationKind.RecordingUnused],
            result.Deviations.Select(deviation => deviation.Kind));
        Assert.All(result.Deviations.Skip(1), deviation => Assert.Equal("tool.call/book", deviation.Expected));
    }

    [Fact]
    public async Task Another_result_of_the_run_is_named_with_its_place()
    {
        var (recorded, _) = await RecordAsync(new ShippingAgent());
        var replay = await OpenAsync(recorded);
        await using (var run = replay.StartRun("shipping", recorded.Incident.Id, System.Text.Json.JsonElement.Parse("""{"order":7}""")))
        {
            run.SetResult("Nothing.");
        }

        Assert.Equal(ReplayDeviationKind.ResultDiffers, replay.FirstDivergence!.Kind);
        Assert.Contains("now \"Nothing.\"", replay.FirstDivergence.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_order_of_different_calls_is_the_same_replay_but_equal_calls_keep_theirs()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = AgentRecorderTests.Recorder(recorded);
        var count = 0;
        var live = recorder.Wrap(AIFunctionFactory.Create((string name) => $"{name}{++count}", "step"));
        await using (recorder.StartRun("a", recorded.Incident.Id))
        {
            Assert.Equal("x1 y2 x3", $"{await CallAsync(live, "x")} {await CallAsync(live, "y")} {await CallAsync(live, "x")}");
        }

        var replay = await OpenAsync(recorded);
        var replayed = replay.Wrap(AIFunctionFactory.Create((string name) => name, "step"));
        await using (replay.StartRun("a"))
        {
            Assert.Equal("y2 x1 x3", $"{await CallAsync(replayed, "y")} {await CallAsync(replayed, "x")} {await CallAsync(replayed, "x")}");
        }

        Assert.Equal(ReplayVerdict.Reproduced, replay.Finish().Verdict);
    }

    [Fact]
    public async Task The_same_call_elsewhere_is_another_call()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = AgentRecorderTests.Recorder(recorded);
        var live = recorder.Wrap(AIFunctionFactory.Create((string name) => name, "step"));
        await using (recorder.StartRun("a", recorded.Incident.Id))
        {
            await using (recorder.StartRun("b"))
            {
                await CallAsync(live, "x");
            }
        }

        var replay = await OpenAsync(recorded);
        var replayed = replay.Wrap(AIFunctionFactory.Create((string name) => name, "step"));
        await using (replay.StartRun("a"))
        {
            var thrown = await Assert.ThrowsAsync<ReplayDivergenceException>(() => CallAsync(replayed, "x"));
            Assert.Equal(ReplayDeviationKind.CallNotRecorded, thrown.Deviation.Kind);
        }
    }

    [Fact]
    public async Task After_the_first_divergence_every_call_meets_it_again()
    {
        var (recorded, _) = await RecordAsync(new ShippingAgent());
        var replay = await OpenAsync(recorded);
        var book = replay.Wrap(AIFunctionFactory.Create((string carrier, double weight) => "", "book"));
        var first = await Assert.ThrowsAsync<ReplayDivergenceException>(async () => await book.InvokeAsync(new AIFunctionArguments { ["carrier"] = "south" }));

        var second = await Assert.ThrowsAsync<ReplayDivergenceException>(() => new ShippingAgent().RunAsync(replay, recorded.Incident.Id, new QuotingModel()));

        Assert.Same(first.Deviation, second.Deviation);
    }

    [Fact]
    public async Task Calls_within_an_answered_call_need_not_be_made_again()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = AgentRecorderTests.Recorder(recorded);
        var inner = recorder.Wrap(AIFunctionFactory.Create(() => 1, "inner"));
        var outer = recorder.Wrap(AIFunctionFactory.Create(async () => await inner.InvokeAsync(), "outer"));
        await using (recorder.StartRun("nested", recorded.Incident.Id))
        {
            await outer.InvokeAsync();
        }

        var replay = await OpenAsync(recorded);
        await using (replay.StartRun("nested"))
        {
            await replay.Wrap(AIFunctionFactory.Create(() => 0, "outer")).InvokeAsync();
        }

        Assert.Equal((ReplayVerdict.Reproduced, 2), (replay.Finish().Verdict, replay.Finish().ReplayedCalls));
    }

    [Fact]
    public async Task A_lost_reply_makes_it_incomplete_and_a_changed_one_makes_it_diverge()
    {
        foreach (var changed in new[] { false, true })
        {
            var (recorded, _) = await RecordAsync(new ShippingAgent());
            var call = await recorded.Spans.ListAsync(new SpanQuery { Tool = "tool.call/quote" }).SingleAsync();
            if (changed)
            {
                recorded.Contents.Changed[call.ResultDigest!] = "dune"u8.ToArray();
            }
            else
            {
                recorded.Contents.Lost.Add(call.ResultDigest!);
            }

            var result = await ReplayAsync(recorded, new ShippingAgent());

            Assert.Equal(
                changed ? (ReplayVerdict.Diverged, ReplayDeviationKind.DigestMismatch) : (ReplayVerdict.Incomplete, ReplayDeviationKind.MissingArtifact),
                (result.Verdict, result.Deviations[0].Kind));
        }
    }

    [Fact]
    public async Task A_stream_that_was_left_early_answers_as_far_as_it_was_read()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = AgentRecorderTests.Recorder(recorded);
        using (var live = recorder.Wrap(new QuotingModel()))
        {
            await using var run = recorder.StartRun("a", recorded.Incident.Id);
            await foreach (var _ in live.GetStreamingResponseAsync("hi"))
            {
                break;
            }
        }

        var replay = await OpenAsync(recorded);
        using var client = replay.CreateChatClient("small-1");
        await using (replay.StartRun("a"))
        {
            var thrown = await Assert.ThrowsAsync<ReplayDivergenceException>(async () => await client.GetStreamingResponseAsync("hi").ToListAsync());
            Assert.Equal(ReplayDeviationKind.RecordingUnreadable, thrown.Deviation.Kind);
        }

        Assert.Equal(ReplayVerdict.Incomplete, replay.Finish().Verdict);
    }

    [Fact]
    public async Task An_exception_of_the_agents_own_comes_back_as_its_code_makes_it()
    {
        var recorded = await RecordedIncident.CreateAsync();
        var recorder = AgentRecorderTests.Recorder(recorded);
        await using (recorder.StartRun("a", recorded.Incident.Id))
        {
            await Assert.ThrowsAsync<RateLimitedException>(async () => await recorder.Wrap(Failing()).InvokeAsync());
        }

        var plain = await OpenAsync(recorded);
        await using (plain.StartRun("a"))
        {
            var thrown = await Assert.ThrowsAsync<RecordedCallException>(async () => await plain.Wrap(Failing()).InvokeAsync());
            Assert.Equal((typeof(RateLimitedException).FullName, "slow down"), (thrown.OriginalType, thrown.Message));
        }

        var replay = await AgentReplay.OpenAsync(await recorded.Spans.ListAsync(new SpanQuery()).ToListAsync(), recorded.Vault);
        Assert.Equal(ReplayVerdict.Diverged, replay.Finish().Verdict);

        static AIFunction Failing() => AIFunctionFactory.Create(string () => throw new RateLimitedException(), "limited");
    }

    [Fact]
    public async Task Where_nothing_was_recorded_a_replay_is_never_green() =>
        Assert.Equal(ReplayVerdict.Incomplete, (await OpenAsync(await RecordedIncident.CreateAnalyzedAsync())).Finish().Verdict);

    private static async Task<(RecordedIncident Recorded, string Answer)> RecordAsync(ShippingAgent agent)
    {
        var recorded = await RecordedIncident.CreateAsync();
        return (recorded, await agent.RunAsync(AgentRecorderTests.Recorder(recorded), recorded.Incident.Id, new QuotingModel()));
    }

    private static async Task<AgentReplay> OpenAsync(RecordedIncident recorded) =>
        await new AgentReplayer(recorded.Spans, recorded.Vault).OpenAsync(recorded.Incident.Id);

    private static async Task<AgentReplayResult> ReplayAsync(ShippingAgent live, ShippingAgent changed) =>
        await ReplayAsync((await RecordAsync(live)).Recorded, changed);

    private static async Task<AgentReplayResult> ReplayAsync(RecordedIncident recorded, ShippingAgent agent)
    {
        var replay = await OpenAsync(recorded);
        await Assert.ThrowsAsync<ReplayDivergenceException>(() => agent.RunAsync(replay, recorded.Incident.Id, new QuotingModel()));
        Assert.Equal(0, agent.ToolCalls);
        return replay.Finish();
    }

    private static async Task<string?> CallAsync(AIFunction function, string name) =>
        (await function.InvokeAsync(new AIFunctionArguments { ["name"] = name }))?.ToString();

    private sealed class RateLimitedException() : Exception("slow down");
}
