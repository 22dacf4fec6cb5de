namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class BudgetDetectorTests
{
    [Theory]
    [InlineData("""{"token_budget":1000}""", "tokens", "1600 tokens")]
    [InlineData("""{"max_cost_usd":0.01}""", "US dollars", "0.03 US dollars")]
    [InlineData("""{"max_steps":2}""", "model calls", "4 model calls")]
    [InlineData("""{"max_tool_calls":1}""", "tool calls", "2 tool calls")]
    public async Task A_run_over_its_budget_names_what_used_most_of_it(string budget, string unit, string used)
    {
        var report = await Run(budget).AnalyzeAsync();

        var claim = report.Hypotheses.First(hypothesis => hypothesis.Category == "budget_exceeded");
        Assert.Equal(unit == "tool calls" ? "tool.call/search" : "llm.call/planner", claim.Tool);
        Assert.Contains(used, claim.Cause, StringComparison.Ordinal);
        Assert.True(claim.Grounded);
    }

    [Theory]
    [InlineData("""{"token_budget":1600}""")]
    [InlineData("""{"max_steps":4,"max_tool_calls":2,"max_cost_usd":0.03}""")]
    [InlineData("""{"token_budget":"many"}""")]
    [InlineData("""{"token_budget":0}""")]
    [InlineData("{}")]
    public async Task A_run_within_its_budget_or_without_one_is_no_finding(string budget) =>
        Assert.DoesNotContain((await Run(budget).AnalyzeAsync()).Hypotheses, hypothesis => hypothesis.Category == "budget_exceeded");

    [Theory]
    [InlineData("token_budget", "1600", false)]
    [InlineData("token_budget", "1599", true)]
    [InlineData("max_cost_usd", "0.03", false)]
    [InlineData("max_cost_usd", "0.029", true)]
    public async Task What_the_run_says_of_the_calls_below_it_counts_once(string name, string limit, bool isOver)
    {
        var run = Run($$"""{"{{name}}":{{limit}},"gen_ai.usage.input_tokens":1200,"gen_ai.usage.output_tokens":400,"cost_usd":0.03}""");

        Assert.Equal(isOver, (await run.AnalyzeAsync()).Hypotheses.Any(hypothesis => hypothesis.Category == "budget_exceeded"));
    }

    [Fact]
    public async Task A_run_whose_calls_were_not_recorded_speaks_for_them()
    {
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 1, attributes: """{"token_budget":99,"gen_ai.usage.input_tokens":100}""");

        Assert.Contains((await run.AnalyzeAsync()).Hypotheses, hypothesis => hypothesis.Category == "budget_exceeded");
    }

    private static CaseBuilder Run(string budget)
    {
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 1, attributes: budget);
        for (var i = 0; i < 4; i++)
        {
            run.Call($"m{i}", "llm.call/planner", 0.1 * i, (0.1 * i) + 0.05, "run",
                attributes: """{"gen_ai.usage.input_tokens":300,"gen_ai.usage.output_tokens":100,"cost_usd":0.0075}""");
        }

        return run.Call("t0", "tool.call/search", 0.6, 0.7, "run").Call("t1", "tool.call/search", 0.8, 0.9, "run");
    }
}
