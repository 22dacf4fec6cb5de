using System.ComponentModel;
using AgentOps.Rca.Recording;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace MyAgent;

/// <summary>Refunds orders. Each run is recorded with what the model was told and said, and what the tools were given and gave back.</summary>
public sealed class RefundAgent
{
    private const string Name = "refund-agent";

    private readonly AIAgent _agent;
    private readonly IAgentRecorder _recorder;

    public RefundAgent(IChatClient model, RefundTools tools, IServiceProvider services)
    {
        _recorder = services.GetRequiredService<IAgentRecorder>();
        AITool[] functions =
        [
            AIFunctionFactory.Create(tools.FindOrder, "find_order").UseAgentOpsRca(services),
            AIFunctionFactory.Create(tools.Refund, "refund").UseAgentOpsRca(services),
        ];
        _agent = new ChatClientAgent(model.AsBuilder().UseAgentOpsRca().Build(services), instructions: "Refund the order that you are told.", name: Name, tools: functions);
    }

    public async Task<string> RefundAsync(string order)
    {
        await using var run = _recorder.StartRun(Name, subject: order);
        try
        {
            var answer = (await _agent.RunAsync($"Refund {order}")).Text;
            run.SetResult(answer);
            return answer;
        }
        catch (Exception failure)
        {
            run.Fail(failure);
            throw;
        }
    }
}

/// <summary>What the agent can do; the payment service refuses one order.</summary>
public class RefundTools
{
    public const string FailingOrder = "A-17";

    [Description("Finds an order.")]
    public virtual string FindOrder(string order) => $$"""{"order":"{{order}}","paid":49.90,"status":"delivered"}""";

    [Description("Pays an order back.")]
    public virtual string Refund(string order) => order == FailingOrder
        ? throw new InvalidOperationException("The payment service refused: refund limit of the day reached (HTTP 429).")
        : $$"""{"order":"{{order}}","refund":"R-77","status":"done"}""";
}
