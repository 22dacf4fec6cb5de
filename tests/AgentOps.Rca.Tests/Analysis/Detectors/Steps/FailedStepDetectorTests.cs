using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class FailedStepDetectorTests
{
    private const string Refused = """{"status":"error","error.type":"DeclinedError","error.message":"card declined"}""";

    [Fact]
    public async Task A_call_that_failed_and_was_not_made_good_is_the_cause()
    {
        var finding = Assert.Single(await Run(Refused, null, "Sorry, that did not work.").FindAsync(new FailedStepDetector()));

        Assert.Equal(("error", "step:t1", Proof.Failure, "DeclinedError"), (finding.Category, finding.Place, finding.Proof, finding.ErrorClass));
        Assert.Contains("tool.call/pay failed once at", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("card declined", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_only_the_result_tells_counts_as_much() =>
        Assert.Equal(("timeout", Proof.Failure), Kind(Assert.Single(await Run("{}", """{"success":false,"error":"gateway timeout"}""", "Sorry.").FindAsync(new FailedStepDetector()))));

    [Fact]
    public async Task An_answer_that_claims_success_all_the_same_makes_it_worse()
    {
        var open = Assert.Single(await Run(Refused, null, "Sorry, that did not work.").FindAsync(new FailedStepDetector()));
        var claimed = Assert.Single(await Run(Refused, null, "All done, it has been paid.").FindAsync(new FailedStepDetector()));

        Assert.True(claimed.Strength > open.Strength);
        Assert.Contains("; the answer speaks of success all the same: “All done, it has been paid.”", claimed.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_was_made_good_or_that_was_the_answer_is_a_hint()
    {
        Assert.Equal(Proof.Hint, Assert.Single(await Run(Refused, null, "It is paid.", again: true).FindAsync(new FailedStepDetector())).Proof);
        Assert.Equal(Proof.Hint, Assert.Single(await Run("""{"http.status_code":404}""", null, "There is no such invoice; which one do you mean?", tool: "get_invoice").FindAsync(new FailedStepDetector())).Proof);
    }

    [Fact]
    public async Task What_was_asked_wrongly_is_blamed_on_the_model_call_that_asked()
    {
        var finding = Assert.Single(await Run("""{"http.status_code":422,"error.message":"amount must be positive"}""", null, "Sorry.").FindAsync(new FailedStepDetector()));

        Assert.Equal(("bad_arguments", "step:m1"), (finding.Category, finding.Place));
        Assert.Contains("llm.call/planner asked for a call that could not succeed: tool.call/pay failed once", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_words_of_the_request_below_say_why_with_what_it_was_made_to()
    {
        var finding = Assert.Single(await Run("""{"status":"error","error.message":"call failed"}""", null, "Sorry.")
            .Call("post", "desk/POST", 2.1, 2.9, "t1", attributes: """{"service":"desk","http.request.method":"POST","url.full":"https://bank.example/pay?x=1","http.response.status_code":429}""")
            .FindAsync(new FailedStepDetector()));

        Assert.Equal("rate_limited", finding.Category);
        Assert.Contains("below it desk/POST (POST https://bank.example/pay) failed (HTTP 429)", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_passed_the_failure_of_another_on_comes_behind_it()
    {
        var report = await new CaseBuilder().Call("run", "agent.run/a", 0, 9)
            .Call("outer", "tool.call/checkout", 1, 8, "run", attributes: """{"status":"error","error":"checkout failed"}""")
            .Call("inner", "tool.call/charge", 2, 7, "outer", attributes: """{"status":"error","error":"connection refused"}""").AnalyzeAsync();

        Assert.Equal("tool.call/charge", report.Hypotheses[0].Tool);
        Assert.DoesNotContain(report.Hypotheses, hypothesis => hypothesis.Tool == "tool.call/checkout");
    }

    [Fact]
    public async Task A_call_that_is_well_is_no_finding() => Assert.Empty(await Run("{}", """{"paid":true}""", "It is paid.").FindAsync(new FailedStepDetector()));

    [Fact]
    public async Task It_failed_when_it_ended()
    {
        var finding = Assert.Single(await new CaseBuilder().Call("run", "agent.run/a", 0, 300).Tool("t1", "query", 0, 120, "{}", null, attributes: """{"status":"error","error.message":"timed out"}""")
            .FindAsync(new FailedStepDetector()));

        Assert.Contains("failed once at 14:55:20 UTC", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("failed at 14:55:20 UTC", finding.Facts[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_failed_in_another_way_too_did_not_fail_once_in_all()
    {
        const string denied = """{"status":"error","error.message":"access denied"}""";
        var run = Run(Refused, null, "Sorry.").Tool("t3", "pay", 8, 9, """{"invoice":"I-78"}""", null, attributes: denied);
        Assert.Contains("failed once at", (await run.FindAsync(new FailedStepDetector()))[0].Cause, StringComparison.Ordinal);
        Assert.Contains(", and once in another way", (await run.FindAsync(new FailedStepDetector()))[0].Cause, StringComparison.Ordinal);
        Assert.Contains(", and twice in other ways", (await run.Tool("t4", "pay", 10, 11, """{"invoice":"I-79"}""", null, attributes: denied).FindAsync(new FailedStepDetector()))[0].Cause, StringComparison.Ordinal);
        Assert.DoesNotContain("other way", (await Run(Refused, null, "Sorry.").FindAsync(new FailedStepDetector()))[0].Cause, StringComparison.Ordinal);
    }

    private static (string, Proof?) Kind(Finding finding) => (finding.Category, finding.Proof);

    private static CaseBuilder Run(string attributes, string? result, string answer, bool again = false, string tool = "pay")
    {
        const string arguments = """{"invoice":"I-77"}""";
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 99)
            .Model("m1", 0, 1, [Chat.User("Pay it.")], Chat.Asks("c1", tool, arguments)).Tool("t1", tool, 2, 3, arguments, result, "c1", attributes: attributes);
        if (again)
        {
            run.Tool("t2", tool, 4, 5, arguments, """{"paid":true}""");
        }

        return run.Model("m2", 6, 7, [Chat.User("Pay it."), Chat.Told("c1", result ?? "failed")], Chat.Answers(answer));
    }
}
