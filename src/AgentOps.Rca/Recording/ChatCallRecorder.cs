using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Recording;

/// <summary>Records the calls of a chat client. The caller gets exactly what the client answers.</summary>
internal sealed class ChatCallRecorder(IChatClient inner, AgentRecorder recorder) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        var call = Begin(asked, options);
        var around = recorder.Place;
        ChatResponse response;
        try
        {
            recorder.Place = call.Place;
            response = await base.GetResponseAsync(asked, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await recorder.EndAsync(call, () => RecordedResult.Of(failure), writer => WriteAttributes(writer, options, null)).ConfigureAwait(false);
            throw;
        }
        finally
        {
            recorder.Place = around;
        }

        Name(call, options, () => response);
        await recorder.EndAsync(call, () => ChatCallJson.Response(response), writer => WriteAttributes(writer, options, response)).ConfigureAwait(false);
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var asked = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        var call = Begin(asked, options);
        var around = recorder.Place;
        var stream = new RecordedStream();
        var updates = base.GetStreamingResponseAsync(asked, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (true)
            {
                try
                {
                    // Each step runs in the context of whoever asks for it, so the place is set anew.
                    recorder.Place = call.Place;
                    if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    {
                        stream.IsComplete = true;
                        break;
                    }
                }
                catch (Exception failure)
                {
                    stream.Failure = failure;
                    throw;
                }

                recorder.Place = around;
                stream.Add(updates.Current);
                yield return updates.Current;
            }
        }
        finally
        {
            recorder.Place = around;
            try
            {
                await updates.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                Name(call, options, stream.ToResponse);
                await recorder.EndAsync(call, stream.ToResult, writer => WriteAttributes(writer, options, stream.ToResponse())).ConfigureAwait(false);
            }
        }
    }

    private RecordedCall Begin(IReadOnlyCollection<ChatMessage> messages, ChatOptions? options)
    {
        string? model = null;
        Exception? problem = null;
        // A client above functions' calls makes many calls of the model for one of its own.
        var isSingle = false;
        try
        {
            model = ModelOf(InnerClient, options);
            isSingle = InnerClient.GetService<FunctionInvokingChatClient>() is null;
        }
        catch (Exception failure)
        {
            // What a client does not tell is no reason not to call it.
            problem = failure;
        }

        return recorder.Begin(
            ToolOf(model),
            new CallKind(CallKind.Chat, IsSingle: isSingle),
            () => problem is null
                ? ChatCallJson.Request(messages, options, model)
                : throw new NotSupportedException(problem.Message, problem),
            ChatCallJson.RequestMime);
    }

    private void WriteAttributes(Utf8JsonWriter writer, ChatOptions? options, ChatResponse? response) =>
        GenAiAttributes.WriteChat(writer, InnerClient.GetService<ChatClientMetadata>(), options, response);

    // Only an answer tells the model of a client that says nothing of itself.
    private void Name(RecordedCall call, ChatOptions? options, Func<ChatResponse> response)
    {
        try
        {
            if (call.Problem is null && ModelOf(InnerClient, options) is null && response().ModelId is { } answered)
            {
                call.Tool = GenAiAttributes.Storable(ToolOf(answered));
            }
        }
        catch (Exception)
        {
            // The call keeps the name that it has; what is wrong with the answer is told when it is recorded.
        }
    }

    public static string? ModelOf(IChatClient client, ChatOptions? options) =>
        options?.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId;

    public static string ToolOf(string? model) =>
        Spans.ToolNames.FromElsewhere(Spans.ToolNames.ModelCallPrefix + (string.IsNullOrWhiteSpace(model) ? "chat" : model));

    private sealed class RecordedStream
    {
        private readonly List<byte[]> _updates = [];
        private readonly List<ChatResponseUpdate> _seen = [];
        private Exception? _problem;

        public bool IsComplete { get; set; }

        public Exception? Failure { get; set; }

        public void Add(ChatResponseUpdate update)
        {
            _seen.Add(update);
            try
            {
                _updates.Add(ChatCallJson.Update(update));
            }
            catch (Exception problem)
            {
                _problem ??= problem;
            }
        }

        public RecordedResult ToResult() => _problem is null
            ? ChatCallJson.Stream(_updates, IsComplete, Failure)
            : throw new NotSupportedException(_problem.Message, _problem);

        public ChatResponse ToResponse() => _seen.ToChatResponse();
    }
}
