using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class ContradictedCountDetectorTests
{
    [Fact]
    public async Task A_number_that_the_result_contradicts_is_misread()
    {
        var finding = Assert.Single(await Run("There are 3 available variants.").FindAsync(new ContradictedCountDetector()));

        Assert.Equal(("misread_result", "step:m2", Proof.Provenance), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("3 records of which 2 are marked “available”", finding.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There are 2 available variants.")]
    [InlineData("There are 3 variants, 2 available for now.")]
    [InlineData("It costs 3 euros.")]
    public async Task A_number_that_agrees_or_counts_something_else_is_no_finding(string answer) => Assert.Empty(await Run(answer).FindAsync(new ContradictedCountDetector()));

    private static CaseBuilder Run(string answer)
    {
        const string result = """{"variants":[{"id":1,"available":true},{"id":2,"available":false},{"id":3,"available":true}]}""";
        return new CaseBuilder().Call("run", "agent.run/a", 0, 9)
            .Model("m1", 0, 1, [Chat.User("How many?")], Chat.Asks("c1", "get_product", "{}")).Tool("t1", "get_product", 1, 2, "{}", result, "c1")
            .Model("m2", 3, 4, [Chat.User("How many?"), Chat.Told("c1", result)], Chat.Answers(answer));
    }
}
