using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Analysis.Evidence;

public sealed class RepeatedCallsTests
{
    [Fact]
    public void Calls_of_one_tool_with_the_same_arguments_are_one_group_by_their_first_call()
    {
        var nodes = SpanForest.Build(
        [
            Call("1", "search", "x"), Call("2", "read", "x"), Call("3", "read", "y"), Call("4", "read", "x"), Call("5", "search", "x"),
            Call("6", "search", "x"), Call("7", "search", null),
        ]).Nodes;

        Assert.Equal(
            ["1 5 6", "2 4"],
            RepeatedCalls.Of(nodes, 2, _ => true).Select(group => string.Join(' ', group.Select(node => node.SpanId))));
        Assert.Single(RepeatedCalls.Of(nodes, 3, _ => true));
        Assert.Empty(RepeatedCalls.Of(nodes, 3, node => node.SpanId != "5"));
    }

    private static Span Call(string id, string tool, string? args) =>
        Samples.Span(id, 1_750_000_000_000 + int.Parse(id, System.Globalization.CultureInfo.InvariantCulture), tool: tool) with
        {
            ArgsDigest = args is null ? null : ArtifactDigest.Of(System.Text.Encoding.UTF8.GetBytes(args)).ToString(),
        };
}
