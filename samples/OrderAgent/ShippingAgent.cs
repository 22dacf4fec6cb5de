using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.OrderAgent;

/// <summary>Ships one order a run, with a model that decides and tools that act.</summary>
internal sealed class ShippingAgent(IChatClient chatClient, ShippingTools tools)
{
    public const string SourceName = "OrderAgent";
    public const string ChatSourceName = "OrderAgent.Chat";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly ChatOptions _options = new() { ModelId = "scripted-1", Tools = tools.All };

    /// <summary>Ships an order.</summary>
    /// <returns>What the customer is told.</returns>
    /// <exception cref="ShippingFailedException">The order was not shipped.</exception>
    public async Task<string> ShipAsync(string order)
    {
        // An agent's run, by the semantic conventions for generative AI. Each order is a trace of its own.
        Activity.Current = null;
        using var run = Source.StartActivity("invoke_agent order-agent");
        run?.SetTag("gen_ai.operation.name", "invoke_agent");
        run?.SetTag("gen_ai.agent.name", "order-agent");
        run?.SetTag("order.id", order);
        try
        {
            var answer = await chatClient.GetResponseAsync([new ChatMessage(ChatRole.User, $"Ship {order}.")], _options);
            return answer.Text.StartsWith("Sorry", StringComparison.Ordinal) ? throw new ShippingFailedException(answer.Text) : answer.Text;
        }
        catch (Exception exception)
        {
            run?.SetTag("error.type", exception.GetType().Name);
            run?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
    }
}

/// <summary>An order was not shipped.</summary>
internal sealed class ShippingFailedException(string message) : Exception(message);
