using AgentOps.Rca.Analysis.LanguageModel;
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
    /// <summary>Groq's chat client as the model of analyses, with the key and the models of the library's settings.</summary>
    public static void AddConfiguredGroq(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<GroqOptions>, GroqSettings>());
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
            () => options.Value.ApiKey is null ? "The language-model engine needs a key: set GROQ_API_KEY, or choose a client with UseChatClient." : null);
    }
}
