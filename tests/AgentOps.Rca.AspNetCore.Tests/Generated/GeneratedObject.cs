using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.AspNetCore.Tests.Generated;

/// <summary>Values as code has them.</summary>
internal static class GeneratedObject
{
    public static object? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Select(member => new KeyValuePair<string, object?>(member.Name, Of(member.Value))).ToList(),
        JsonValueKind.Array => value.EnumerateArray().Select(Of).ToArray(),
        JsonValueKind.String => Text(value),
        JsonValueKind.Number => value.TryGetInt64(out var number) ? number : value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    // Half of a surrogate pair, which texts of code may hold, though JSON cannot be read into one.
    public static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "\ud83d";
        }
    }
}

/// <summary>A function that gives back one of the span's values as it is, as text or as a failure.</summary>
internal sealed class GeneratedFunction(GeneratedSpan span) : AIFunction
{
    public override string Name => span.Tool;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        if (span.Attributes is not [{ Value: var first }, ..])
        {
            return ValueTask.FromResult<object?>(null);
        }

        var value = EmbeddedWays.Element(first);
        return (span.Parent % 3) switch
        {
            0 => ValueTask.FromResult<object?>(value),
            1 => ValueTask.FromResult<object?>(value.ValueKind == JsonValueKind.String ? GeneratedObject.Text(value) : first.Json),
            _ => throw new InvalidOperationException(value.ValueKind == JsonValueKind.String ? GeneratedObject.Text(value) : first.Json),
        };
    }
}

/// <summary>A model that answers with the span's values.</summary>
internal sealed class GeneratedModel(GeneratedSpan span) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse([.. span.Attributes.Select(pair => new ChatMessage(ChatRole.Assistant, pair.Value.Json))])
        {
            ModelId = span.Tool,
            Usage = new UsageDetails { InputTokenCount = span.Start, OutputTokenCount = span.End },
        });

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}

/// <summary>The model that the analysis asks.</summary>
internal sealed class AnalysisModelStub : IChatClient
{
    public string Answer { get; set; } = "";

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, Answer)) { ModelId = "m" });

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
