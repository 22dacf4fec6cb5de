using AgentOps.Rca.Tenancy;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Decides from whom a key is asked for.</summary>
internal sealed partial class CallerGateSetup(ILogger<CallerGateSetup> logger)
{
    public CallerGate Choose(IServiceProvider services, bool? isRequired, Func<IEnumerable<Endpoint>> endpoints, Func<HttpContext, ValueTask> recordWrongKey)
    {
        var keys = CallerKeySet.Of(services);
        var authentication = new KeyAuthentication(keys, Sessions.Of(services, keys));
        var isDevelopment = services.GetService<IHostEnvironment>()?.IsDevelopment() ?? false;
        var demand = isRequired == false ? KeyDemand.Off
            : keys.IsSet ? isRequired == true ? KeyDemand.Always : KeyDemand.UnlessUser
            : isRequired == true ? KeyDemand.Always
            : isDevelopment ? KeyDemand.None
            : KeyDemand.UnlessHostAuthorizes;
        var gate = new CallerGate(authentication, demand, recordWrongKey, services.GetRequiredService<IOptions<RcaTenantsOptions>>().Value.Claim);
        if (!keys.IsSet && demand is KeyDemand.Always or KeyDemand.UnlessHostAuthorizes)
        {
            var key = keys.Generate();
            services.GetService<IHostApplicationLifetime>()?.ApplicationStarted.Register(() =>
            {
                // Known only now: the host adds its own authorization after the endpoints were mapped.
                if (NeedsIt(services, gate, endpoints()))
                {
                    LogGenerated(key);
                }
            });
        }

        return gate;
    }

    private static bool NeedsIt(IServiceProvider services, CallerGate gate, IEnumerable<Endpoint> endpoints)
    {
        var ours = endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<CallerGate>() == gate && endpoint.Metadata.GetMetadata<OpenEndpoint>() is null);
        var hasFallback = new Lazy<bool>(() => HostAuthorization.HasFallbackAsync(services).AsTask().GetAwaiter().GetResult());
        return ours.Any(endpoint => gate.Demand == KeyDemand.Always
            || !(HostAuthorization.Has(endpoint.Metadata) || (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null && hasFallback.Value)));
    }

    [LoggerMessage(
        LogLevel.Warning,
        "No AGENTOPS_API_KEY is set, so this one was made for as long as the process runs: {ApiKey}. Callers send it as 'X-Api-Key' or as 'Authorization: Bearer'. Set AGENTOPS_API_KEY to keep one, or AGENTOPS_KEYS for keys with names.")]
    private partial void LogGenerated(string apiKey);
}
