using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class LoopDetectorTests
{
    [Fact]
    public async Task The_same_call_again_and_again_is_a_loop_driven_by_the_model_call_before()
    {
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 20);
        for (var i = 0; i < 4; i++)
        {
            run.Call($"m{i}", "llm.call/planner", 4 * i, (4 * i) + 1, "run").Call($"t{i}", "tool.call/eta", (4 * i) + 2, (4 * i) + 3, "run", "{\"o\":7}", "{\"eta\":null}");
        }

        var loop = Assert.Single(await run.FindAsync(new LoopDetector()));

        Assert.Equal(("loop", "tool.call/eta", "tool.call/eta"), (loop.Category, loop.Tool, loop.Place));
        Assert.Contains("called 4 times with the same arguments", loop.Cause, StringComparison.Ordinal);
        Assert.Contains("each time with the same result: a loop that brought nothing new in 13 s, driven by llm.call/planner", loop.Cause, StringComparison.Ordinal);
        Assert.Equal(
            [("t0", "/args_digest"), ("t1", "/args_digest"), ("t2", "/args_digest"), ("t3", "/args_digest"), ("t3", "/result_digest"), ("m3", "/tool")],
            loop.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
    }

    [Fact]
    public async Task Answers_that_differ_or_are_not_recorded_are_not_called_the_same()
    {
        var differing = Assert.Single(await Run("tool.call/eta", result: i => $"{{\"at\":{i}}}").FindAsync(new LoopDetector()));
        var partly = Assert.Single(await Run("tool.call/eta", result: i => i == 0 ? "{\"at\":1}" : null).FindAsync(new LoopDetector()));

        Assert.Contains("with 3 different results", differing.Cause, StringComparison.Ordinal);
        Assert.All([differing, partly], loop =>
        {
            Assert.DoesNotContain("the same result", loop.Cause, StringComparison.Ordinal);
            Assert.DoesNotContain(loop.Facts, fact => fact.Pointer == "/result_digest");
        });
        Assert.DoesNotContain("nothing new", differing.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_rounds_weigh_more_and_a_few_stand_for_all()
    {
        var loop = Assert.Single(await Run("tool.call/eta", 40, result: _ => "1").FindAsync(new LoopDetector()));
        var shorter = Assert.Single(await Run("tool.call/eta", 3, result: _ => "1").FindAsync(new LoopDetector()));

        Assert.True(loop.Strength > shorter.Strength);
        Assert.Equal(["t0", "t1", "t2", "t39", "t39"], loop.Facts.Select(fact => fact.SpanId));
    }

    [Fact]
    public async Task Two_calls_other_arguments_failures_services_and_unrecorded_arguments_are_no_loop()
    {
        Assert.Empty(await Run("tool.call/eta", 2).FindAsync(new LoopDetector()));
        Assert.Empty(await Run("tool.call/eta", args: i => $"{{\"page\":{i}}}").FindAsync(new LoopDetector()));
        Assert.Empty(await Run("tool.call/eta", args: _ => null).FindAsync(new LoopDetector()));
        Assert.Empty(await Run("tool.call/eta", attributes: """{"error":"timeout"}""").FindAsync(new LoopDetector()));
        Assert.Empty(await Run("cart/get", attributes: """{"service":"cart"}""").FindAsync(new LoopDetector()));
        Assert.Empty(await new CaseBuilder().FindAsync(new LoopDetector()));
    }

    [Fact]
    public async Task Arguments_that_were_lost_still_tell_by_their_digests() =>
        Assert.Equal("loop", Assert.Single(await Run("tool.call/eta").LoseArtifacts().FindAsync(new LoopDetector())).Category);

    private static CaseBuilder Run(
        string tool, int times = 3, Func<int, string?>? args = null, Func<int, string?>? result = null, string attributes = "{}")
    {
        var run = new CaseBuilder();
        for (var i = 0; i < times; i++)
        {
            run.Call($"t{i}", tool, i, i + 0.5, null, args is null ? "{\"o\":7}" : args(i), result?.Invoke(i), attributes);
        }

        return run;
    }
}
