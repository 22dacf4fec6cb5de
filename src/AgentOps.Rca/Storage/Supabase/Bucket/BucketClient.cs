using System.Net;
using AgentOps.Rca.Storage.Faults;
using AgentOps.Rca.Storage.Supabase.DataApi;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>The client of the Storage API: one request at a time, repeated while it fails in a way that passes, and explained when it fails for good.</summary>
internal sealed class BucketClient
{
    /// <summary>The name of the HTTP client, under which a host may configure it.</summary>
    public const string Name = "agentops-rca-supabase-storage";

    // A part of 6 MiB has to fit into it, over a slow line too.
    private static readonly TimeSpan TransferBudget = TimeSpan.FromMinutes(2);

    private readonly HttpClient _client;
    private readonly SupabaseApiOptions _options;
    private readonly StoreRetry _calls;
    private readonly StoreRetry _transfers;

    public BucketClient(HttpClient client, SupabaseApiOptions options, string bucket, TimeProvider timeProvider, ILogger logger)
    {
        _client = client;
        _options = options;
        Bucket = bucket;
        TimeProvider = timeProvider;
        Root = new Uri(options.Url.AbsoluteUri.TrimEnd('/') + "/storage/v1/");
        _calls = new StoreRetry(options.Retry, BucketException.Classify, timeProvider, logger);
        _transfers = new StoreRetry(options.Retry with { Budget = TransferBudget }, BucketException.Classify, timeProvider, logger);
    }

    /// <summary>The bucket.</summary>
    public string Bucket { get; }

    /// <summary>The clock of its limits.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The address of the Storage API.</summary>
    public Uri Root { get; }

    /// <summary>The address without a secret.</summary>
    public string Address => _options.Url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>Sends a request of little content and reads its reply with <paramref name="read"/>.</summary>
    /// <exception cref="BucketException">The reply is an error that the caller may understand.</exception>
    /// <exception cref="StoreUnavailableException">The Storage API is down.</exception>
    public ValueTask<T> CallAsync<T>(
        Func<HttpRequestMessage> request, Func<HttpResponseMessage, CancellationToken, ValueTask<T>> read, CancellationToken cancellationToken) =>
        RunAsync(_calls, request, read, cancellationToken);

    /// <summary>The same for a request that carries content, or whose reply is left open.</summary>
    public ValueTask<T> TransferAsync<T>(
        Func<HttpRequestMessage> request, Func<HttpResponseMessage, CancellationToken, ValueTask<T>> read, CancellationToken cancellationToken) =>
        RunAsync(_transfers, request, read, cancellationToken);

    /// <summary>A sentence on a failure that no retry mended.</summary>
    public StoreUnavailableException Unavailable(Exception exception)
    {
        var cause = exception is StoreBudgetException { InnerException: { } inner } ? inner : exception;
        return new StoreUnavailableException(Explain(cause), exception) { RetryAfter = _options.Retry.RetryAfter };
    }

    private async ValueTask<T> RunAsync<T>(
        StoreRetry retry,
        Func<HttpRequestMessage> request,
        Func<HttpResponseMessage, CancellationToken, ValueTask<T>> read,
        CancellationToken cancellationToken)
    {
        try
        {
            return await retry.RunAsync(
                static async (input, token) =>
                {
                    using var message = input.request();
                    input.Self._options.Authorize(message);
                    var reply = await input.Self._client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
                    try
                    {
                        return reply.IsSuccessStatusCode
                            ? await input.read(reply, token).ConfigureAwait(false)
                            : throw BucketException.Read(reply.StatusCode, await reply.Content.ReadAsByteArrayAsync(token).ConfigureAwait(false));
                    }
                    catch
                    {
                        reply.Dispose();
                        throw;
                    }
                },
                (Self: this, request, read),
                once: false,
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreBudgetException || NetworkFaults.Classify(exception) is not null
            || (exception is BucketException && BucketException.Classify(exception) != StoreFault.Permanent))
        {
            throw Unavailable(exception);
        }
    }

    private string Explain(Exception exception) => exception switch
    {
        BucketException { Status: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } =>
            $"The Storage API at {Address} refused the key for the bucket '{Bucket}' ({exception.Message}). "
            + "Use the project's sb_secret_ key or its service_role key in SUPABASE_KEY.",
        BucketException { Status: HttpStatusCode.RequestEntityTooLarge } =>
            $"The bucket '{Bucket}' at {Address} does not take content of this size ({exception.Message}). "
            + "Raise the limit of the bucket, and that of the project under Storage, Settings.",
        BucketException { Status: HttpStatusCode.NotFound } =>
            $"The project at {Address} has no bucket '{Bucket}' ({exception.Message}). Start the host once with a key that may make it, or make it "
            + "in the dashboard under Storage, as a private bucket.",
        BucketException bucket => $"The Storage API at {Address} does not serve now: {bucket.Message} ({(int)bucket.Status}).",
        _ => $"The Storage API at {Address} cannot be reached or did not answer in time: {exception.Message}",
    };
}
