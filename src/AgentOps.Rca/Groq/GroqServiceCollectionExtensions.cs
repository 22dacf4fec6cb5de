using AgentOps.Rca.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Groq;

internal static class GroqServiceCollectionExtensions
{
    /// <summary>Registers <see cref="GroqChatClient"/> as a typed HTTP client. Calling it twice is harmless.</summary>
    public static IServiceCollection AddGroq(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(GroqModelOrder)))
        {
            return services;
        }

        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GroqModelOrder>();
        services.TryAddTransient<GroqReplyHandler>();
        services.AddSettings<GroqOptions>(GroqSettings.Section, GroqSettings.Bind, new GroqOptionsAttributes(), GroqRules.Find);
        var client = services.AddHttpClient<GroqChatClient>((provider, http) =>
            {
                var endpoint = provider.GetRequiredService<IOptions<GroqOptions>>().Value.Endpoint;
                http.BaseAddress = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/");

                // The attempts and their sum have their own limits.
                http.Timeout = Timeout.InfiniteTimeSpan;
                http.DefaultRequestHeaders.UserAgent.ParseAdd("AgentOps.Rca");
            })
            .UseSocketsHttpHandler((handler, _) =>
            {
                // A redirect could take the key to another host, and a cookie would tie calls together.
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.AutomaticDecompression = System.Net.DecompressionMethods.All;
                handler.ConnectTimeout = TimeSpan.FromSeconds(10);
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2);
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigureAdditionalHttpMessageHandlers((handlers, _) => RemoveForeignResilience(handlers));
        client.AddResilienceHandler(GroqConstants.ProviderName, GroqResilience.Configure);
        client.AddHttpMessageHandler<GroqReplyHandler>();
        return services;
    }

    /// <summary>
    /// Takes out what a host gives all its HTTP clients: the standard resilience handler ends an attempt after 10 seconds and a call after
    /// 30, and retries what has been retried.
    /// </summary>
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
}
