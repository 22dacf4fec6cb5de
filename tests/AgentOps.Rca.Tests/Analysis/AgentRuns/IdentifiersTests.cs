using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

public sealed class IdentifiersTests
{
    [Theory]
    [InlineData("C-2207")]
    [InlineData("PU-6092")]
    [InlineData("#W2890441")]
    [InlineData("10402981")]
    [InlineData("ord_77a1")]
    public void Names_of_records_are_identifiers(string word) => Assert.Contains(word, Identifiers.In($"please look at {word} today"));

    [Theory]
    [InlineData("2026-03-14")]
    [InlineData("14:30")]
    [InlineData("19.99")]
    [InlineData("1,200,000")]
    [InlineData("v1.2.3")]
    [InlineData("24h")]
    [InlineData("2026")]
    [InlineData("warranty")]
    public void Dates_amounts_versions_and_words_are_none(string word) => Assert.Empty(Identifiers.In($"please look at {word} today"));
}
