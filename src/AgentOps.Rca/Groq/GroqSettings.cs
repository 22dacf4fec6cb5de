using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Groq;

/// <summary>Takes the key and the models over from the library's settings; <see cref="GroqOptions"/> set in code win.</summary>
internal sealed class GroqSettings(IOptions<AgentOpsRcaOptions> settings) : IConfigureOptions<GroqOptions>
{
    public void Configure(GroqOptions options)
    {
        options.ApiKey = settings.Value.GroqApiKey ?? options.ApiKey;
        options.Models = settings.Value.GroqModel.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }
}

internal static class GroqSettingsServiceCollectionExtensions
{
    /// <summary>Groq's chat client, with the key and the models of the library's settings.</summary>
    public static void AddConfiguredGroq(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<GroqOptions>, GroqSettings>());
        services.AddGroq();
    }
}
