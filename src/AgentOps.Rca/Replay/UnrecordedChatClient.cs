using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Replay;

/// <summary>A chat client for a replay that has no recorded calls: whoever asks it is told so, and nothing leaves the process.</summary>
internal sealed class UnrecordedChatClient(Action<string> onNotRecorded) : IChatClient
{
    private const string Reason = "The engine asked a model, and no call of the analysis can be answered from the recording.";

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw NotRecorded();

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw NotRecorded();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private InvalidOperationException NotRecorded()
    {
        onNotRecorded(Reason);
        return new InvalidOperationException(Reason);
    }
}
