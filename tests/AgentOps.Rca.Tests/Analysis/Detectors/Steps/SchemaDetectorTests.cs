using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class SchemaDetectorTests
{
    private const string Schema = """{"type":"object","properties":{"amount":{"type":"number"},"unit":{"type":"string","enum":["kg","g"]}},"required":["amount"],"additionalProperties":false}""";

    [Theory]
    [InlineData("""{"amount":"ten"}""", "amount is “ten” where a number is expected")]
    [InlineData("""{"unit":"kg"}""", "amount is required and missing")]
    [InlineData("""{"amount":1,"unit":"lb"}""", "unit is “lb”, which is not one of “kg”, “g”")]
    [InlineData("""{"amount":1,"colour":"red"}""", "there is no colour")]
    public async Task Arguments_that_break_the_schema_are_blamed_on_the_model_call_with_what_is_wrong(string arguments, string words)
    {
        var finding = Assert.Single(await Run(arguments, """{"status":"error","error":"rejected"}""").FindAsync(new SchemaDetector()));

        Assert.Equal(("bad_arguments", "step:m1", Proof.Certain), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains(words, finding.Cause, StringComparison.Ordinal);
        Assert.Contains("t1", finding.Explains);
    }

    [Fact]
    public async Task A_call_that_was_taken_all_the_same_is_a_hint() =>
        Assert.Equal(Proof.Hint, Assert.Single(await Run("""{"amount":"ten"}""", "{}").FindAsync(new SchemaDetector())).Proof);

    [Theory]
    [InlineData("""{"amount":1.5,"unit":"g"}""")]
    [InlineData("""{"amount":1,"unit":null}""")]
    public async Task Arguments_that_keep_to_the_schema_are_no_finding(string arguments) =>
        Assert.Empty(await Run(arguments, """{"status":"error","error":"rejected"}""").FindAsync(new SchemaDetector()));

    private static CaseBuilder Run(string arguments, string attributes) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 1, [Chat.User("go")], Chat.Asks("c1", "weigh", arguments), [Chat.Tool("weigh", Schema)])
        .Tool("t1", "weigh", 2, 3, arguments, null, "c1", attributes: attributes);
}
