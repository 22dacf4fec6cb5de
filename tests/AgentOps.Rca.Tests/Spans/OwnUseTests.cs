using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Spans;

public sealed class OwnUseTests
{
    // Each span: its id, its parent, its tool; * says what it used, and ! that this counts.
    [Theory]
    [InlineData("a - agent.run/a *; b a llm.call/m *!; c a llm.call/m *!")]
    [InlineData("a - agent.run/a *!; b a tool.call/t; c a llm.call/m")]
    [InlineData("a - agent.run/a *; s a svc/Step *; b s llm.call/m *!; c s llm.call/m *!")]
    [InlineData("g - llm.call/m *; s g llm.call/m *!; t g llm.call/m *!")]
    [InlineData("g - llm.call/m *!; s g llm.call/m; t s tool.call/t; a t agent.run/sub *; b a llm.call/m *!")]
    [InlineData("g - llm.call/m *; s g llm.call/m *!; t s tool.call/t; a t agent.run/sub; b a llm.call/m *!")]
    [InlineData("g - llm.call/m *; o g agent.run/orchestrate_tools; b o llm.call/m *!")]
    [InlineData("w - agent.run/w *; a w agent.run/a *; t a tool.call/t *; b t llm.call/m *!")]
    [InlineData("a - agent.run/a *; t a tool.call/t; b t llm.call/m *!; c a llm.call/m *!")]
    [InlineData("a unknown llm.call/m *!; b b llm.call/m *!")]
    public void Use_that_a_span_repeats_of_the_calls_below_it_counts_once(string tree)
    {
        var spans = tree.Split("; ").Select(text => text.Split(' ')).ToList();
        var expected = spans.ToDictionary(words => words[0], words => words.Length > 3 && words[3] == "*!");
        foreach (var order in (IEnumerable<string[]>[])[spans, Enumerable.Reverse(spans)])
        {
            var use = new OwnUse();
            var places = order.ToDictionary(words => words[0], words => use.Add(SpanOf(words), words.Length > 3));
            var own = use.Judge();
            Assert.Equal(expected, places.ToDictionary(place => place.Key, place => own[place.Value]));
        }

        var forest = SpanForest.Build(spans.Select(SpanOf));
        var says = spans.Where(words => words.Length > 3).Select(words => words[0]).ToHashSet();
        var inForest = OwnUse.Of(forest.Nodes, node => says.Contains(node.SpanId));
        Assert.Equal(expected, forest.Nodes.ToDictionary(node => node.SpanId, node => inForest[node.Index]));
    }

    private static Span SpanOf(string[] words) => Samples.Span(words[0], tool: words[2]) with { ParentId = words[1] == "-" ? null : words[1] };
}
