using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class FinishReasonDetectorTests
{
    [Theory]
    [InlineData("length")]
    [InlineData("MAX_TOKENS")]
    [InlineData("max_output_tokens")]
    public async Task An_answer_that_was_cut_off_in_its_JSON_is_certain(string reason)
    {
        var finding = Assert.Single(await Run("{\"items\":[1,", reason).FindAsync(new FinishReasonDetector()));

        Assert.Equal(("answer_cut_off", "step:m1", Proof.Certain), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("what it answered is JSON without an end", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parser_that_failed_on_the_cut_answer_is_named()
    {
        var finding = Assert.Single(await Run("one, two,", "length")
            .Call("p", "desk/parse", 3, 4, "run", attributes: """{"error.type":"JsonException","error.message":"unexpected end of data"}""").FindAsync(new FinishReasonDetector()));

        Assert.Equal(Proof.Certain, finding.Proof);
        Assert.Contains("desk/parse then failed on it (“unexpected end of data”)", finding.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("content_filter", "content_filter")]
    [InlineData("SAFETY", "content_filter")]
    [InlineData("refusal", "refusal")]
    public async Task A_filter_or_a_refusal_is_certain(string reason, string category)
    {
        var finding = Assert.Single(await Run(null, reason).FindAsync(new FinishReasonDetector()));

        Assert.Equal((category, Proof.Certain), (finding.Category, finding.Proof));
        Assert.Contains("and its answer is empty", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_of_a_tool_that_could_not_be_read_is_certain_unless_it_was_asked_again()
    {
        var finding = Assert.Single(await Run(null, "MALFORMED_FUNCTION_CALL").FindAsync(new FinishReasonDetector()));

        Assert.Equal(("malformed_call", "step:m1", Proof.Certain), (finding.Category, finding.Place, finding.Proof));
        Assert.Empty(await Run(null, "MALFORMED_FUNCTION_CALL").Model("m2", 3, 4, [Chat.User("go")], Chat.Answers("Done.")).FindAsync(new FinishReasonDetector()));
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("tool_calls")]
    [InlineData("end_turn")]
    public async Task Other_reasons_are_no_finding(string reason) => Assert.Empty(await Run("All is well.", reason).FindAsync(new FinishReasonDetector()));

    [Fact]
    public async Task A_guardrail_that_stopped_the_run_is_told_and_one_that_let_it_pass_is_not()
    {
        var finding = Assert.Single(await new CaseBuilder().Call("run", "agent.run/a", 0, 9)
            .Call("g", "guardrail/politeness", 1, 2, "run", attributes: """{"guardrail.triggered":true}""").FindAsync(new FinishReasonDetector()));

        Assert.Equal(("guardrail_tripped", "step:g"), (finding.Category, finding.Place));
        Assert.Empty(await new CaseBuilder().Call("run", "agent.run/a", 0, 9)
            .Call("g", "guardrail/politeness", 1, 2, "run", attributes: """{"guardrail.triggered":false}""").FindAsync(new FinishReasonDetector()));
    }

    private static CaseBuilder Run(string? said, string reason) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 2, [Chat.User("go")], said is null ? """{"role":"assistant","content":""}""" : Chat.Answers(said), finish: reason);
}
