using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Settings;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Analysis;

internal static class AnalysisServiceCollectionExtensions
{
    /// <summary>The service that runs analyses, and the one that reads them back.</summary>
    public static void AddAnalysis(this IServiceCollection services)
    {
        services.AddSettings<AnalysisOptions>(
            SettingsSection.Of("Analysis") with { Flags = [nameof(AnalysisOptions.MaskReports)] }, static (given, options) => given.Values.Bind(options));
        services.TryAddSingleton(static provider => new RcaAnalyzer(
            provider.GetShared<IIncidentStore>(),
            provider.GetShared<ISpanStore>(),
            provider.GetRequiredService<ArtifactVault>(),
            provider.GetServices<IRcaEngine>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RcaAnalyzer>>(),
            provider.GetService<IAnalysisChatClients>(),
            provider.GetService<IRcaHistory>(),
            provider.GetService<RcaTelemetry>(),
            provider.GetService<IOptions<AnalysisOptions>>(),
            provider.GetRequiredService<ISpanIntake>(),
            provider.GetRequiredService<IAuditTrail>()));
        services.TryAddSingleton<IRcaAnalyzer>(static provider => provider.GetRequiredService<RcaAnalyzer>());
        services.TryAddSingleton(static provider => new RcaReports(provider.GetShared<ISpanStore>(), provider.GetRequiredService<ArtifactVault>()));
        services.TryAddSingleton<IRcaReports>(static provider => provider.GetRequiredService<RcaReports>());
        services.TryAddSingleton(static provider => new CaseLoader(provider.GetShared<ISpanStore>(), provider.GetRequiredService<ArtifactVault>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRcaEngine, Trace.TraceRcaEngine>(
            static provider => new Trace.TraceRcaEngine(provider.GetServices<IDetector>())));
    }
}
