using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Groq;

/// <summary>
/// Reads a streamed completion: data-only server-sent events up to <c>[DONE]</c>. Only a stream with a finish reason and
/// <c>[DONE]</c> is complete; any other end is a failure, because the answer and its usage are then unknown.
/// </summary>
internal sealed class GroqStreamReader(Stream body, string model, string apiKey)
{
    public static GroqException Broken(Exception cause) => new(
        GroqErrorKind.ConnectionFailed, "The connection to Groq could not be made or broke before the reply was complete.", cause);

    public async IAsyncEnumerable<ChatResponseUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var events = SseParser.Create(body, static (type, data) => (IsError: type == "error", Data: data.ToArray()))
            .EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var eventsDisposal = events.ConfigureAwait(false);
        var finished = false;
        while (await MoveNextAsync(events).ConfigureAwait(false))
        {
            var (isError, data) = events.Current.Data;
            if (isError)
            {
                throw GroqErrors.FromEvent(data, model, apiKey);
            }

            if (data.AsSpan().Trim(" "u8).SequenceEqual("[DONE]"u8))
            {
                if (finished)
                {
                    yield break;
                }

                break;
            }

            var update = GroqReplies.ReadChunk(data, model, apiKey);
            finished |= update.FinishReason is not null;
            yield return update;
        }

        throw new GroqException(
            GroqErrorKind.StreamCut, "Groq's stream ended before the model had finished; what the call used is unknown.");
    }

    private static async ValueTask<bool> MoveNextAsync<T>(IAsyncEnumerator<T> events)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Broken(exception);
        }
    }
}
