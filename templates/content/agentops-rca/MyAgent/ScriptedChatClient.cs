using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace MyAgent;

/// <summary>Stands in for a model, so that no key is needed: finds the order, refunds it, and says that it is done, whatever came back.</summary>
public sealed class ScriptedChatClient : IChatClient
{
    private const string Model = "scripted-1";

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatMessage> history = [.. messages];
        var order = history.First(message => message.Role == ChatRole.User).Text.Split(' ')[^1];
        var calls = history.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Count();
        AIContent next = calls switch
        {
            0 => new FunctionCallContent("call-1", "find_order", new Dictionary<string, object?> { ["order"] = order }),
            1 => new FunctionCallContent("call-2", "refund", new Dictionary<string, object?> { ["order"] = order }),
            _ => new TextContent($"{order} is refunded."),
        };
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [next]))
        {
            ModelId = Model,
            FinishReason = next is FunctionCallContent ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
            Usage = new UsageDetails { InputTokenCount = 20 * history.Count, OutputTokenCount = 8 },
        });
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("scripted", defaultModelId: Model) : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
