using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Decides which key callers must send.</summary>
internal sealed partial class ApiKeySetup(ILogger<ApiKeySetup> logger)
{
    private const int GeneratedBytes = 24;

    public ApiKeyCheck Choose(IServiceProvider services, bool? isRequired, Func<IEnumerable<Endpoint>> endpoints)
    {
        var key = services.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.ApiKey;
        var isDevelopment = services.GetService<IHostEnvironment>()?.IsDevelopment() ?? false;
        if (isRequired == false || (isRequired is null && key is null && isDevelopment))
        {
            return new ApiKeyCheck(null, isGenerated: false);
        }

        if (key is not null)
        {
            return new ApiKeyCheck(key, isGenerated: false);
        }

        key = RandomNumberGenerator.GetHexString(GeneratedBytes * 2, lowercase: true);
        var check = new ApiKeyCheck(key, isGenerated: isRequired is null);
        services.GetService<IHostApplicationLifetime>()?.ApplicationStarted.Register(() =>
        {
            // Known only now: the host adds its own authorization after the endpoints were mapped.
            if (endpoints().Any(endpoint => endpoint.Metadata.GetMetadata<ApiKeyCheck>() == check && check.IsAskedFor(endpoint.Metadata)))
            {
                LogGenerated(key);
            }
        });
        return check;
    }

    [LoggerMessage(
        LogLevel.Warning,
        "No AGENTOPS_API_KEY is set, so this one was made for as long as the process runs: {ApiKey}. Callers send it as 'X-Api-Key' or as 'Authorization: Bearer'. Set AGENTOPS_API_KEY to keep one.")]
    private partial void LogGenerated(string apiKey);
}
