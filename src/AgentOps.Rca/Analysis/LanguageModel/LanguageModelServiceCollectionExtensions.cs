using AgentOps.Rca.Settings;
using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Analysis.LanguageModel;

internal static class LanguageModelServiceCollectionExtensions
{
    /// <summary>The language-model engine, with every call recorded; which client it asks is an <see cref="AnalysisModel"/>.</summary>
    public static void AddLanguageModel(this IServiceCollection services)
    {
        services.AddSettings<LanguageModelOptions>(
            SettingsSection.Of("LanguageModel"), static (given, options) => given.Values.Bind(options), new LanguageModelOptionsAttributes(), LanguageModelRules.Find);
        services.TryAddSingleton<IAnalysisChatClients, AnalysisChatClients>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRcaEngine, LlmRcaEngine>(provider => new LlmRcaEngine(
            () => provider.GetServices<IRcaEngine>().Last(engine => engine.Name == RcaEngines.Trace),
            provider.GetRequiredService<AnalysisModel>(),
            provider.GetRequiredService<IOptions<LanguageModelOptions>>(),
            provider.GetRequiredService<RcaTelemetry>(),
            provider.GetRequiredService<ILogger<LlmRcaEngine>>())));
    }
}
