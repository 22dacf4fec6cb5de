using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Tests.Analysis.Evidence;

public sealed class EvidenceCheckerTests
{
    private const string Result = """{"results":[{"id":"a/b"}]}""";
    private static readonly string Digest = ArtifactDigest.Of(Encoding.UTF8.GetBytes(Result)).ToString();

    [Theory]
    [InlineData("/attributes/error", null, true)]
    [InlineData("/attributes/none", null, false)]
    [InlineData(null, "\"tool\":\"tool.call/look\"", true)]
    [InlineData(null, "invented", false)]
    [InlineData(null, "", false)]
    [InlineData(null, null, false)]
    public async Task A_fact_of_a_span_holds_when_it_stands_there(string? pointer, string? quote, bool holds) =>
        Assert.Equal(holds, await HoldsAsync("look", null, pointer, quote));

    [Theory]
    [InlineData("/results/0/id", null, true)]
    [InlineData("/results/1/id", null, false)]
    [InlineData("/results/0/id", "a/b", true)]
    [InlineData("/results/0/id", "b/a", false)]
    public async Task A_fact_of_an_artifact_holds_when_it_stands_there(string? pointer, string? quote, bool holds) =>
        Assert.Equal(holds, await HoldsAsync("look", Digest, pointer, quote));

    [Fact]
    public async Task An_artifact_that_the_span_does_not_name_proves_nothing() =>
        Assert.False(await HoldsAsync("other", Digest, "/results", null));

    [Fact]
    public async Task An_invented_span_proves_nothing() => Assert.False(await HoldsAsync("nobody", null, "/tool", null));

    private static ValueTask<bool> HoldsAsync(string spanId, string? digest, string? pointer, string? quote)
    {
        var rcaCase = new CaseBuilder()
            .Call("look", "tool.call/look", 0, 1, result: Result, attributes: """{"error":"no"}""")
            .Call("other", "tool.call/other", 1, 2)
            .Build();
        var evidence = new RcaEvidence { Id = "E1", Kind = "k", SpanId = spanId, ArtifactDigest = digest, Pointer = pointer, Quote = quote, Text = "t" };
        return new EvidenceChecker(rcaCase).HoldsAsync(evidence, TestContext.Current.CancellationToken);
    }
}
