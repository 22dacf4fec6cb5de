using AgentOps.Rca.Storage.Faults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace AgentOps.Rca.Storage.SupabaseApi;

/// <summary>Registers the typed client with its retries.</summary>
internal static class SupabaseApiHttp
{
    /// <summary>Adds <see cref="SupabaseApiClient"/> for these options.</summary>
    public static IServiceCollection AddSupabaseApiClient(this IServiceCollection services, SupabaseApiOptions options)
    {
        services.TryAddSingleton(options);
        var http = services.AddHttpClient<SupabaseApiClient>();
        http.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = TimeSpan.FromSeconds(5),
                MaxConnectionsPerServer = 32,
                AllowAutoRedirect = false,
            })
            .AddResilienceHandler("supabase-api", builder => builder
                .AddTimeout(options.Retry.Budget)
                .AddRetry(new HttpRetryStrategyOptions
                {
                    MaxRetryAttempts = int.MaxValue,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = options.Retry.FirstDelay,
                    MaxDelay = options.Retry.LongestDelay,
                    ShouldRetryAfterHeader = false,
                    ShouldHandle = async arguments => await ClassifyAsync(arguments.Outcome) switch
                    {
                        StoreFault.NotDone => true,
                        StoreFault.Unknown => !IsOnce(arguments.Context),
                        _ => false,
                    },
                }));
        // Inside of the retries: a reply that is cut off in the middle is a failed attempt too.
        http.AddHttpMessageHandler(() => new BufferedReplyHandler());
        return services;
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
                reply.StatusCode, SupabaseApiError.Read(reply.StatusCode, await reply.Content.ReadAsByteArrayAsync()).Code);
    }

    private sealed class BufferedReplyHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var reply = await base.SendAsync(request, cancellationToken);
            await reply.Content.LoadIntoBufferAsync(cancellationToken);
            return reply;
        }
    }
}
