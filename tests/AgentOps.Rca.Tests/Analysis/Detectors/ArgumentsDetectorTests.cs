using System.Text.Json;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class ArgumentsDetectorTests
{
    private const string Usual = """{"order":"7","amount":10,"to":{"city":"Delft"}}""";

    [Theory]
    [InlineData("""{"order":"7","to":{"city":"Delft"}}""", "/amount is missing")]
    [InlineData("""{"order":"7","amount":"ten","to":{"city":"Delft"}}""", "/amount is of the kind string")]
    [InlineData("""{"order":"7","amount":10,"to":{"town":"Delft"}}""", "/to/city is missing")]
    [InlineData("""{"order":"7","amount":10,"to":{"city":"Delft"},"currency":"EUR"}""", "/currency was never given before")]
    public async Task Arguments_of_another_form_than_in_the_baseline_are_blamed_on_the_model_call_before(string arguments, string words)
    {
        var report = await new CaseBuilder()
            .Call("run", "agent.run/a", 0, 10)
            .Call("think", "llm.call/planner", 1, 2, "run")
            .Call("pay", "tool.call/pay", 3, 4, "run", arguments, attributes: """{"status":"error","error":"unprocessable"}""")
            .AnalyzeAsync(Baseline());

        var claim = report.Hypotheses.First(hypothesis => hypothesis.Evidence.Any(id =>
            report.Evidence.Single(evidence => evidence.Id == id).Kind == "schema_drift"));
        Assert.Equal("llm.call/planner", claim.Tool);
        var fact = report.Evidence.First(evidence => evidence.Kind == "schema_drift" && evidence.ArtifactDigest is not null);
        Assert.Contains(words, fact.Text, StringComparison.Ordinal);
        Assert.True(fact.Checked);
    }

    [Theory]
    [InlineData(Usual)]
    [InlineData("""{"amount":3.5,"to":{"city":"Delft"},"order":"9"}""")]
    [InlineData("""{"order":null,"amount":10,"to":{"city":"Delft"}}""")]
    [InlineData("[1,2]")]
    public async Task Arguments_of_the_usual_form_are_no_finding(string arguments) => Assert.DoesNotContain(
        (await new CaseBuilder().Call("pay", "tool.call/pay", 3, 4, null, arguments).AnalyzeAsync(Baseline())).Evidence,
        evidence => evidence.Kind == "schema_drift");

    [Fact]
    public async Task Without_a_baseline_one_call_is_told_from_the_others_that_agree()
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 6; i++)
        {
            run.Call($"p{i}", "tool.call/pay", i, i + 0.5, null, $$"""{"order":"{{i}}","amount":{{(i == 4 ? "\"ten\"" : "10")}}}""");
        }

        var report = await run.AnalyzeAsync();

        Assert.Equal("p4", report.Evidence.First(evidence => evidence.Kind == "schema_drift").SpanId);
    }

    [Fact]
    public async Task Calls_that_all_differ_have_no_usual_form()
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 6; i++)
        {
            run.Call($"p{i}", "tool.call/pay", i, i + 0.5, null, $$"""{"m{{i}}":1}""");
        }

        Assert.DoesNotContain((await run.AnalyzeAsync()).Evidence, evidence => evidence.Kind == "schema_drift");
    }

    private static Baseline Baseline()
    {
        var builder = new BaselineBuilder();
        for (var i = 0; i < 6; i++)
        {
            builder.Add(Samples.Span($"b{i}", 1_000 + i, "tool.call/pay"));
            builder.AddArguments("tool.call/pay", JsonElement.Parse(Usual));
        }

        return builder.Build("a quiet time");
    }
}
