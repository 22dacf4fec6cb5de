using AgentOps.Rca.Analysis.LanguageModel;
using AgentOps.Rca.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Groq;

/// <summary>The settings of Groq, of which the library's own hold the key and the models; <see cref="GroqOptions"/> set in code win.</summary>
internal sealed class GroqSettings(IOptions<AgentOpsRcaOptions> settings) : IConfigureOptions<GroqOptions>
{
    public static readonly SettingsSection Section = SettingsSection.Of("Groq") with
    {
        Aliases =
        [
            ($"{SettingsSection.Root}:{nameof(AgentOpsRcaOptions.GroqApiKey)}", nameof(GroqOptions.ApiKey)),
            (AgentOpsRcaSettings.GroqApiKey, nameof(GroqOptions.ApiKey)),
            (AgentOpsRcaSettings.GroqModel, nameof(GroqOptions.Models)),
        ],
        Durations =
        [
            nameof(GroqOptions.AttemptTimeout), nameof(GroqOptions.TotalTimeout), nameof(GroqOptions.MinRetryDelay), nameof(GroqOptions.MaxRetryDelay),
            nameof(GroqOptions.MaxRetryAfter),
        ],
        Outward = [nameof(GroqOptions.ApiKey), nameof(GroqOptions.Endpoint), nameof(GroqOptions.Models)],
    };

    public static void Bind(GivenSettings given, GroqOptions options)
    {
        // A list in the configuration takes the place of the default; the framework would add to it.
        var (models, strict) = (options.Models, options.StrictSchemaModels);
        (options.Models, options.StrictSchemaModels) = ([], []);
        given.Values.Bind(options);
        options.Models = options.Models is { Count: > 0 } named ? named : models;
        options.StrictSchemaModels = options.StrictSchemaModels is { Count: > 0 } namedStrict ? namedStrict : strict;
    }

    public void Configure(GroqOptions options)
    {
        options.ApiKey = settings.Value.GroqApiKey ?? options.ApiKey;
        if (settings.Value.GroqModel != AgentOpsRcaOptions.DefaultGroqModel)
        {
            options.Models = settings.Value.GroqModel.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        }
    }
}

internal static class GroqSettingsServiceCollectionExtensions
{
    /// <summary>Groq's chat client as the model of analyses, with the key and the models of the library's settings.</summary>
    public static void AddConfiguredGroq(this IServiceCollection services)
    {
        if (!services.Any(static service => service.ImplementationType == typeof(GroqSettings)))
        {
            services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<GroqOptions>, GroqSettings>());
        }

        services.AddGroq();
        services.TryAddSingleton(ModelOf);
    }

    /// <summary>Groq as the model that analyses ask, unless another client was chosen.</summary>
    private static AnalysisModel ModelOf(IServiceProvider provider)
    {
        var client = new Lazy<GroqChatClient>(provider.GetRequiredService<GroqChatClient>);
        var options = provider.GetRequiredService<IOptions<GroqOptions>>();
        return new AnalysisModel(
            () => client.Value,
            () => options.Value.ApiKey is null ? "The language-model engine needs a key: set GROQ_API_KEY, or choose a client with UseChatClient." : null)
        {
            Origin = provider.GetRequiredService<SettingsSource>().Read(GroqSettings.Section).OriginOf(nameof(GroqOptions.ApiKey)),
            Name = () => $"{string.Join(" or ", options.Value.Models)} at {options.Value.Endpoint.Host}",
        };
    }
}
