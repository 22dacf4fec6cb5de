using System.Runtime.CompilerServices;
using AgentOps.Rca.Recording;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Replay;

/// <summary>Answers the calls of a chat client from the recording. The client itself is asked for its services only.</summary>
internal sealed class ChatCallReplayer(IChatClient inner, AgentReplay replay) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (call, content) = await AnswerAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var (response, failure) = ReadResponse(call, content);
        return response ?? throw replay.ExceptionOf(failure!);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (call, content) = await AnswerAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var (updates, complete, failure) = Read(call, content);
        foreach (var update in updates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return update;
        }

        if (failure is not null)
        {
            throw replay.ExceptionOf(failure);
        }

        if (!complete)
        {
            throw replay.Unreadable(call, "The stream was read so far and no further.");
        }
    }

    private (ChatResponse? Response, RecordedFailure? Failure) ReadResponse(ExecutedCall call, ReadOnlyMemory<byte> content)
    {
        try
        {
            return call.Kind switch
            {
                RecordedKinds.Response => (ChatCallJson.ReadResponse(content), null),
                RecordedKinds.Failure => (null, RecordedFailure.Read(content)),
                _ => throw new InvalidDataException("It was recorded as a stream, and is asked for as a whole."),
            };
        }
        catch (InvalidDataException failure)
        {
            throw replay.Unreadable(call, failure.Message);
        }
    }

    private (IReadOnlyList<ChatResponseUpdate> Updates, bool Complete, RecordedFailure? Failure) Read(ExecutedCall call, ReadOnlyMemory<byte> content)
    {
        if (call.Kind != RecordedKinds.Stream)
        {
            throw replay.Unreadable(call, "It was recorded as a whole, and is asked for as a stream.");
        }

        try
        {
            return ChatCallJson.ReadStream(content);
        }
        catch (InvalidDataException failure)
        {
            throw replay.Unreadable(call, failure.Message);
        }
    }

    private ValueTask<(ExecutedCall Call, ReadOnlyMemory<byte> Result)> AnswerAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var model = ChatCallRecorder.ModelOf(InnerClient, options);
        return replay.AnswerAsync(ChatCallRecorder.ToolOf(model), () => ChatCallJson.Request(messages, options, model), cancellationToken);
    }
}

/// <summary>Stands where no client is needed.</summary>
internal sealed class AbsentChatClient(string? model) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new(defaultModelId: model);

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("A replay asks no model.");

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("A replay asks no model.");

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? _metadata : null;

    public void Dispose()
    {
    }
}
