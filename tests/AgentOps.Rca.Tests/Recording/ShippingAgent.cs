using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentOps.Rca.Recording;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Tests.Recording;

/// <summary>A small agent: a model that asks for two tools and then answers. Its code is changed by tests.</summary>
internal sealed class ShippingAgent
{
    public string Prompt { get; init; } = "Which carrier ships order 7?";

    public double Weight { get; init; } = 2.5;

    public bool SkipsBooking { get; init; }

    public bool BooksTwice { get; init; }

    public bool AsksForWeather { get; init; }

    public bool Streams { get; init; }

    public int ToolCalls { get; private set; }

    public async Task<string> RunAsync(IAgentRecorder recorder, Guid incidentId, IChatClient model)
    {
        await using var run = recorder.StartRun("shipping", incidentId, JsonElement.Parse("""{"order": 7}"""));
        using var client = recorder.Wrap(model).AsBuilder().UseFunctionInvocation().Build();
        var quote = recorder.Wrap(AIFunctionFactory.Create(Quote, "quote"));
        var book = recorder.Wrap(AIFunctionFactory.Create(Book, "book"));
        var weather = recorder.Wrap(AIFunctionFactory.Create(() => "sunny", "weather"));
        ChatOptions options = new() { Tools = [quote], Temperature = 0 };
        List<ChatMessage> messages = [new(ChatRole.User, Prompt)];
        var answer = Streams
            ? (await client.GetStreamingResponseAsync(messages, options).ToChatResponseAsync()).Text
            : (await client.GetResponseAsync(messages, options)).Text;
        if (AsksForWeather)
        {
            await weather.InvokeAsync();
        }

        for (var i = 0; i < (SkipsBooking ? 0 : BooksTwice ? 3 : 2); i++)
        {
            try
            {
                answer += await book.InvokeAsync(new AIFunctionArguments { ["carrier"] = "north", ["weight"] = Weight });
            }
            catch (TimeoutException failure)
            {
                answer += $" [{failure.Message}]";
            }
        }

        run.SetResult(answer);
        return answer;
    }

    private string Quote(string carrier)
    {
        ToolCalls++;
        return $"{carrier}: 12.50";
    }

    // The same call comes to something else each time, and once to a failure.
    private Dictionary<string, object> Book(string carrier, double weight)
    {
        ToolCalls++;
        return ToolCalls % 2 == 0
            ? throw new TimeoutException("The carrier does not answer.")
            : new() { ["booking"] = ToolCalls.ToString(CultureInfo.InvariantCulture), ["carrier"] = carrier, ["weight"] = weight };
    }
}

/// <summary>A model that asks for a quote and then says what it is.</summary>
internal sealed class QuotingModel : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("script", null, "small-1");

    public int Calls { get; private set; }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Calls++;
        var result = messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().LastOrDefault();
        var response = result is null
            ? new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call-1", "quote", new Dictionary<string, object?> { ["carrier"] = "north" })]))
            : new ChatResponse(new ChatMessage(ChatRole.Assistant, $"Ship with {result.Result}."));
        response.ModelId = "small-1-2026";
        response.FinishReason = result is null ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        response.Usage = new UsageDetails { InputTokenCount = 10 * Calls, OutputTokenCount = 5 };
        return Task.FromResult(response);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            await Task.Yield();
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(ChatClientMetadata) ? _metadata : null;

    public void Dispose()
    {
    }
}
