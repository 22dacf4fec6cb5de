using AgentOps.Rca.Storage.Faults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>Registers the HTTP client of the Data API with its retries.</summary>
internal static class SupabaseApiHttp
{
    /// <summary>Adds <see cref="SupabaseApiClients"/>. Calling it twice is harmless.</summary>
    public static IServiceCollection AddSupabaseApiClients(this IServiceCollection services, StoreRetryOptions? retry = null)
    {
        if (services.Any(service => service.ServiceType == typeof(SupabaseApiClients)))
        {
            return services;
        }

        var limits = retry ?? new StoreRetryOptions();
        services.AddSingleton<SupabaseApiClients>();
        var http = services.AddHttpClient(SupabaseApiClients.Name, client => client.Timeout = Timeout.InfiniteTimeSpan);
        http.UseSupabaseConnections().AddResilienceHandler("supabase-api", builder => builder
                .AddTimeout(limits.Budget)
                .AddRetry(new HttpRetryStrategyOptions
                {
                    MaxRetryAttempts = int.MaxValue,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = limits.FirstDelay,
                    MaxDelay = limits.LongestDelay,
                    ShouldRetryAfterHeader = false,
                    ShouldHandle = async arguments => await ClassifyAsync(arguments.Outcome).ConfigureAwait(false) switch
                    {
                        StoreFault.NotDone => true,
                        StoreFault.Unknown => !IsOnce(arguments.Context),
                        _ => false,
                    },
                }));
        // Inside of the retries: a reply that is cut off in the middle is a failed attempt too.
        http.AddHttpMessageHandler(() => new ReplyHandler());
        return services;
    }

    /// <summary>The connections of a client that sends a project's key, without what a host gives all its HTTP clients.</summary>
    public static IHttpClientBuilder UseSupabaseConnections(this IHttpClientBuilder http) => http
        .UseSocketsHttpHandler((handler, _) =>
        {
            // A redirect could take the key to another host.
            handler.AllowAutoRedirect = false;
            handler.UseCookies = false;
            handler.ConnectTimeout = TimeSpan.FromSeconds(5);
            handler.MaxConnectionsPerServer = 32;
            handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        })
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
        .ConfigureAdditionalHttpMessageHandlers((handlers, _) => RemoveForeignResilience(handlers));

    // What a host gives all its HTTP clients would repeat the calls that must not happen twice.
    private static void RemoveForeignResilience(IList<DelegatingHandler> handlers)
    {
        for (var i = handlers.Count - 1; i >= 0; i--)
        {
            if (handlers[i] is ResilienceHandler)
            {
                handlers.RemoveAt(i);
            }
        }
    }

    private static bool IsOnce(ResilienceContext context) =>
        context.GetRequestMessage() is { } request && request.Options.TryGetValue(SupabaseApiClient.Once, out var once) && once;

    private static async ValueTask<StoreFault> ClassifyAsync(Outcome<HttpResponseMessage> outcome)
    {
        if (outcome.Exception is { } exception)
        {
            return exception is OperationCanceledException ? StoreFault.Permanent : NetworkFaults.Classify(exception) ?? StoreFault.Permanent;
        }

        var reply = outcome.Result!;
        return reply.IsSuccessStatusCode
            ? StoreFault.Permanent
            : HttpFaults.Classify(
                reply.StatusCode, SupabaseApiError.Read(reply.StatusCode, await reply.Content.ReadAsByteArrayAsync().ConfigureAwait(false)).Code);
    }

    private sealed class ReplyHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var reply = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            try
            {
                if (reply.IsSuccessStatusCode && request.Options.TryGetValue(SupabaseApiClient.Read, out var read))
                {
                    var body = await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                    await using var bodyDisposal = body.ConfigureAwait(false);
                    await read(body, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await reply.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
                }

                return reply;
            }
            catch
            {
                reply.Dispose();
                throw;
            }
        }
    }
}
