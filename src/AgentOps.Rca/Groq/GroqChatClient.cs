using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis.LanguageModel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly.Timeout;

namespace AgentOps.Rca.Groq;

/// <summary>
/// Groq's chat completions as an <see cref="IChatClient"/>. Failures are <see cref="GroqException"/>s. Which model answered is in
/// <see cref="ChatResponse.ModelId"/>; usage that Groq did not report is null.
/// </summary>
internal sealed partial class GroqChatClient(
    HttpClient http, IOptions<GroqOptions> options, GroqModelOrder order, TimeProvider timeProvider, ILogger<GroqChatClient> logger)
    : IChatClient, IModelPrices
{
    private readonly GroqOptions _options = options.Value;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        using var budget = new GroqBudget(_options.TotalTimeout, timeProvider, cancellationToken);
        var answer = await budget.RunAsync(token => AskAsync([.. messages], options, stream: false, budget, token)).ConfigureAwait(false);
        using var reply = answer.Reply;
        var response = GroqReplies.Read(await reply.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), answer.Model, _options.ApiKey!);
        LogAnswered(response.ModelId, response.Usage?.InputTokenCount, response.Usage?.OutputTokenCount);
        LogAnswerSensitive(response.Text);
        return response;
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        using var budget = new GroqBudget(_options.TotalTimeout, timeProvider, cancellationToken);
        var answer = await budget.RunAsync(token => AskAsync([.. messages], options, stream: true, budget, token)).ConfigureAwait(false);
        using var reply = answer.Reply;
        if (reply.Content.Headers.ContentType?.MediaType != GroqConstants.EventStream)
        {
            // Something on the way took the whole answer together.
            var body = await reply.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            foreach (var update in GroqReplies.Read(body, answer.Model, _options.ApiKey!).ToChatResponseUpdates())
            {
                yield return update;
            }

            yield break;
        }

        var chunks = new GroqStreamReader(await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), answer.Model, _options.ApiKey!)
            .ReadAsync(budget.Token).GetAsyncEnumerator(budget.Token);
        await using var chunksDisposal = chunks.ConfigureAwait(false);
        while (await budget.RunAsync(_ => chunks.MoveNextAsync().AsTask()).ConfigureAwait(false))
        {
            LogAnswerSensitive(chunks.Current.Text);
            yield return chunks.Current;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata)
                ? new ChatClientMetadata(GroqConstants.ProviderName, _options.Endpoint, order.Current(_options.Models)[0])
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public decimal? CostUsd(string? model, UsageDetails? usage) => GroqPrices.Cost(model, usage, _options.Prices);

    public void Dispose()
    {
        // The HTTP client belongs to its factory.
    }

    private async Task<Answer> AskAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions? chat, bool stream, GroqBudget budget, CancellationToken cancellationToken)
    {
        if (_options.ApiKey is null)
        {
            throw new GroqException(GroqErrorKind.NotConfigured, "No Groq API key is set. Set GROQ_API_KEY.");
        }

        var models = chat?.ModelId is { } wanted ? [wanted] : order.Current(_options.Models);
        for (var i = 0; ; i++)
        {
            try
            {
                return await AskModelAsync(models[i], messages, chat, stream, budget, cancellationToken).ConfigureAwait(false);
            }
            catch (GroqException exception) when (exception.Kind == GroqErrorKind.ModelUnavailable)
            {
                order.MarkGone(models[i]);
                if (i + 1 == models.Count)
                {
                    throw;
                }

                LogModelGone(models[i], models[i + 1]);
            }
        }
    }

    private async Task<Answer> AskModelAsync(
        string model, IReadOnlyList<ChatMessage> messages, ChatOptions? chat, bool stream, GroqBudget budget, CancellationToken cancellationToken)
    {
        var (invalid, unprocessable) = (0, 0);
        while (true)
        {
            var body = JsonSerializer.Serialize(
                GroqRequests.Create(model, messages, chat, _options, stream, repeat: invalid), GroqJsonContext.Default.GroqRequest);
            LogAskedSensitive(model, body);
            var reply = await SendAsync(body, stream, budget, cancellationToken).ConfigureAwait(false);
            if (reply.IsSuccessStatusCode)
            {
                return new Answer(reply, model);
            }

            using (reply)
            {
                var failure = GroqErrors.FromReply(
                    reply, await reply.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), model, _options.ApiKey!, timeProvider.GetUtcNow());
                var again = failure.Kind switch
                {
                    GroqErrorKind.InvalidJson => invalid++ < GroqConstants.MaxInvalidJsonRepeats,
                    GroqErrorKind.Unprocessable => unprocessable++ < GroqConstants.MaxUnprocessableRepeats,
                    _ => false,
                };
                if (!again)
                {
                    throw failure;
                }

                LogAskedAgain(model, failure.Kind);
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string body, bool stream, GroqBudget budget, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, GroqConstants.ChatPath)
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.ApiKey);
        request.Options.Set(GroqConstants.Streaming, stream);
        request.Options.Set(GroqConstants.Deadline, budget.Deadline);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException exception)
        {
            throw new GroqException(
                GroqErrorKind.Timeout, $"Groq did not answer within {GroqDuration.ToSentence(_options.AttemptTimeout)}.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw GroqStreamReader.Broken(exception);
        }
    }

    private readonly record struct Answer(HttpResponseMessage Reply, string Model);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Groq's model {Model} answered; it read {InputTokens} and wrote {OutputTokens} tokens.")]
    private partial void LogAnswered(string? model, long? inputTokens, long? outputTokens);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Groq's model {Model} is gone; {Next} is asked instead.")]
    private partial void LogModelGone(string model, string next);

    [LoggerMessage(Level = LogLevel.Information, Message = "Groq's model {Model} is asked once more after {Failure}.")]
    private partial void LogAskedAgain(string model, GroqErrorKind failure);

    [LoggerMessage(Level = LogLevel.Trace, Message = "Groq's model {Model} is asked: {Body}")]
    private partial void LogAskedSensitive(string model, string body);

    [LoggerMessage(Level = LogLevel.Trace, Message = "Groq answered: {Answer}")]
    private partial void LogAnswerSensitive(string answer);
}
