using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.OrderAgent;

/// <summary>Stands in for a model, so that the sample needs no key: it looks at what has happened so far and says what comes next.</summary>
internal sealed class ScriptedChatClient : IChatClient
{
    private const string Model = "scripted-1";

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatMessage> history = [.. messages];
        var order = history[0].Text.Split(' ')[1].TrimEnd('.');
        var calls = history.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => call.Name).ToList();
        var results = history.SelectMany(message => message.Contents).OfType<FunctionResultContent>().ToList();
        var lastFailed = results.Count > 0 && (results[^1].Exception is not null || $"{results[^1].Result}".Contains("Error", StringComparison.Ordinal));
        AIContent next = (calls.LastOrDefault(), lastFailed) switch
        {
            (null, _) => Call("check_stock", new() { ["order"] = order }),
            ("check_stock", _) => Call("book_carrier", new() { ["order"] = order, ["warehouse"] = "east" }),
            ("book_carrier", false) => Call("notify_customer", new() { ["order"] = order, ["text"] = "Your order is on its way." }),
            ("book_carrier", true) when calls.Count(call => call == "book_carrier") < 2 =>
                Call("book_carrier", new() { ["order"] = order, ["warehouse"] = "west" }),
            ("book_carrier", true) => new TextContent($"Sorry, {order} could not be shipped: no carrier could be booked."),
            _ => new TextContent($"{order} is on its way."),
        };
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, [next]))
        {
            ModelId = Model,
            FinishReason = next is FunctionCallContent ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
            Usage = new UsageDetails { InputTokenCount = 40 * history.Count, OutputTokenCount = 12 },
        };
        return Task.FromResult(response);

        FunctionCallContent Call(string name, Dictionary<string, object?> arguments) => new($"call-{calls.Count + 1}", name, arguments);
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
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("scripted", defaultModelId: Model)
        : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
