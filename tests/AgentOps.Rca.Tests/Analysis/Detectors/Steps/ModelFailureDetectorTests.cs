using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class ModelFailureDetectorTests
{
    [Fact]
    public async Task A_model_call_that_was_refused_is_the_model_call_and_not_its_request()
    {
        var finding = Assert.Single(await new CaseBuilder().Call("run", "agent.run/a", 0, 9)
            .Call("m1", "llm.call/planner", 1, 3, "run", attributes: """{"status":"error","error.message":"Too many requests"}""")
            .Call("post", "desk/POST", 1.1, 2, "m1", attributes: """{"service":"desk","http.request.method":"POST","url.full":"https://api.model.example/chat","http.response.status_code":429}""")
            .FindAsync(new ModelFailureDetector()));

        Assert.Equal(("rate_limited", "step:m1", Proof.Failure), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("llm.call/planner failed once at", finding.Cause, StringComparison.Ordinal);
        Assert.Contains(finding.Facts, fact => fact.SpanId == "post" && fact.Text.Contains("POST https://api.model.example/chat", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_was_answered_later_is_a_hint() => Assert.Equal(Proof.Hint, Assert.Single(await new CaseBuilder().Call("run", "agent.run/a", 0, 99)
        .Call("m1", "llm.call/planner", 1, 2, "run", attributes: """{"status":"error","http.status_code":503}""")
        .Model("m2", 3, 4, [Chat.User("go")], Chat.Answers("Here you are.")).FindAsync(new ModelFailureDetector())).Proof);

    [Fact]
    public async Task A_context_that_overflowed_is_blamed_on_the_result_that_filled_it()
    {
        var large = Chat.Text(string.Concat(Enumerable.Repeat("row after row ", 500)));
        var finding = Assert.Single(await new CaseBuilder().Call("run", "agent.run/a", 0, 9)
            .Model("m1", 0, 1, [Chat.User("all rows")], Chat.Asks("c1", "export", "{}")).Tool("t1", "export", 1, 2, "{}", large, "c1")
            .Call("m2", "llm.call/planner", 3, 4, "run", attributes: """{"status":"error","http.status_code":400,"error.message":"maximum context length is 8192 tokens"}""")
            .FindAsync(new ModelFailureDetector()));

        Assert.Equal(("context_length", "step:t1", Proof.Causal), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("m2", finding.Explains);
    }

    [Fact]
    public async Task A_run_that_failed_with_words_and_without_a_failed_step_is_told_and_one_without_words_is_not()
    {
        Assert.Equal("step:run", Assert.Single(await new CaseBuilder()
            .Call("run", "agent.run/a", 0, 9, attributes: """{"status":"error","error.message":"no plan was found"}""").Call("m1", "llm.call/planner", 1, 2, "run")
            .FindAsync(new ModelFailureDetector())).Place);
        Assert.Empty(await new CaseBuilder().Call("run", "agent.run/a", 0, 9, attributes: """{"status":"error"}""").Call("m1", "llm.call/planner", 1, 2, "run").FindAsync(new ModelFailureDetector()));
        Assert.Empty(await new CaseBuilder().Call("run", "agent.run/a", 0, 9).Call("m1", "llm.call/planner", 1, 2, "run").FindAsync(new ModelFailureDetector()));
    }
}
