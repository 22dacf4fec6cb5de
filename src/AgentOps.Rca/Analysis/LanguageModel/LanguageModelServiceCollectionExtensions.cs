using AgentOps.Rca.Groq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Analysis.LanguageModel;

internal static class LanguageModelServiceCollectionExtensions
{
    /// <summary>The language-model engine, asking Groq unless another client is chosen, with every call recorded.</summary>
    public static void AddLanguageModel(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<LanguageModelOptions, LanguageModelOptionsValidator>();
        services.TryAddSingleton<IAnalysisChatClients, RecordedChatClients>();
        services.TryAddSingleton(Groq);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRcaEngine, LlmRcaEngine>(provider => new LlmRcaEngine(
            () => provider.GetServices<IRcaEngine>().Last(engine => engine.Name == RcaEngines.Trace),
            provider.GetRequiredService<AnalysisModel>(),
            provider.GetRequiredService<IOptions<LanguageModelOptions>>(),
            provider.GetRequiredService<ILogger<LlmRcaEngine>>())));
    }

    private static AnalysisModel Groq(IServiceProvider provider)
    {
        var client = new Lazy<GroqChatClient>(provider.GetRequiredService<GroqChatClient>);
        var options = provider.GetRequiredService<IOptions<GroqOptions>>();
        return new AnalysisModel(
            () => client.Value,
            () => options.Value.ApiKey is null ? "The language-model engine needs a key: set GROQ_API_KEY, or choose a client with UseChatClient." : null);
    }
}
