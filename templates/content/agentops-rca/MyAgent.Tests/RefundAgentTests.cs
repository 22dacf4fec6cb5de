using AgentOps.Rca.Detection;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace MyAgent.Tests;

public sealed class RefundAgentTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_whose_refund_fails_breaks_the_rule_and_no_other_does(bool fails)
    {
        var tools = Substitute.For<RefundTools>();
        tools.FindOrder("A-1").Returns("""{"order":"A-1"}""");
        tools.Refund("A-1").Returns(_ => fails ? throw new InvalidOperationException("refused") : """{"status":"done"}""");
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory();
        await using var provider = services.BuildServiceProvider();

        await new RefundAgent(new ScriptedChatClient(), tools, provider).RefundAsync("A-1");

        List<Span> spans = [];
        await foreach (var span in provider.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery(), TestContext.Current.CancellationToken))
        {
            spans.Add(span);
        }

        var finding = new PromiseRule().Judge(new EndedRun(spans.Single(span => span.Tool == "agent.run/refund-agent"), spans));
        Assert.Equal(fails ? "refund_not_made" : null, finding?.ProblemType);
    }
}
