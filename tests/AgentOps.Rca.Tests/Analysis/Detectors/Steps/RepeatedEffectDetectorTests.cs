using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class RepeatedEffectDetectorTests
{
    private const string TimedOut = """{"status":"error","error.type":"TimeoutError","error.message":"no answer within 5 s"}""";

    [Fact]
    public async Task A_charge_that_timed_out_and_was_made_again_may_have_gone_through_twice()
    {
        var finding = Assert.Single(await Twice("charge_card", """{"card":"4","amount":20}""", """{"card":"4","amount":20}""").FindAsync(new RepeatedEffectDetector()));

        Assert.Equal(("duplicate_effect", "step:t1", Proof.Causal), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("was called twice with the same arguments", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("the second call succeeded", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_again_another_amount_or_a_key_for_the_attempt_repeats_nothing()
    {
        Assert.Empty(await Twice("get_card", """{"card":"4"}""", """{"card":"4"}""").FindAsync(new RepeatedEffectDetector()));
        Assert.Empty(await Twice("charge_card", """{"amount":20}""", """{"amount":30}""").FindAsync(new RepeatedEffectDetector()));
        Assert.Empty(await Twice("charge_card", """{"amount":20,"idempotency_key":"k"}""", """{"amount":20,"idempotency_key":"k"}""").FindAsync(new RepeatedEffectDetector()));
    }

    private static CaseBuilder Twice(string tool, string first, string second) => new CaseBuilder().Call("run", "agent.run/a", 0, 20)
        .Tool("t1", tool, 1, 6, first, null, attributes: TimedOut).Tool("t2", tool, 7, 8, second, """{"ok":true}""");
}
