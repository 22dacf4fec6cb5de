using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Spans;

public sealed class SpanLimitsTests
{
    [Theory]
    [InlineData("""{"timeout_ms":900}""", "timeout_ms", 900e6)]
    [InlineData("""{"deadline_seconds":0.5}""", "deadline_seconds", 5e8)]
    [InlineData("""{"timeout_s":5,"deadline_ms":800}""", "deadline_ms", 8e8)]
    [InlineData("""{"deadline_ms":800,"timeout_s":5}""", "deadline_ms", 8e8)]
    [InlineData("""{"timeout_ms":0,"budget_ms":3}""", "budget_ms", 3e6)]
    public void The_tightest_limit_of_time_is_read_in_nanoseconds(string attributes, string member, double nanoseconds) =>
        Assert.Equal(new SpanAmount(nanoseconds, member), SpanLimits.Read(JsonElement.Parse(attributes))!.Time);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"timeout_ms":"900"}""")]
    [InlineData("""{"timeout_ms":0}""")]
    [InlineData("""{"timeout_ms":-1}""")]
    [InlineData("""{"timeout_ms":null}""")]
    [InlineData("""{"max_retries":3,"note":"budget, usage, deadline"}""")]
    public void What_names_no_amount_is_null(string attributes) => Assert.Null(SpanLimits.Read(JsonElement.Parse(attributes)));

    [Fact]
    public void Budgets_and_use_are_read_and_the_tokens_of_both_ways_are_summed_up()
    {
        var limits = SpanLimits.Read(JsonElement.Parse(
            """{"token_budget":1000,"max_cost_usd":0.5,"max_steps":7,"max_tool_calls":3,"gen_ai.usage.output_tokens":20,"gen_ai.usage.input_tokens":100,"agentops.cost_usd":0}"""))!;

        Assert.Equal((1000, 0.5, 7, 3), (limits.Tokens!.Value.Value, limits.CostUsd!.Value.Value, limits.Steps!.Value.Value, limits.ToolCalls!.Value.Value));
        Assert.Equal(new SpanAmount(120, "gen_ai.usage.input_tokens"), limits.TokensUsed);
        Assert.Equal(0, limits.CostUsed!.Value.Value);
        Assert.Null(limits.Time);
    }
}
