using AgentOps.Rca.Analysis.Detectors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Analysis;

internal static class AnalysisServiceCollectionExtensions
{
    /// <summary>The service that runs analyses, and the one that reads them back.</summary>
    public static void AddAnalysis(this IServiceCollection services)
    {
        services.TryAddSingleton<RcaAnalyzer>();
        services.TryAddSingleton<RcaReports>();
        services.TryAddSingleton<CaseLoader>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRcaEngine, Trace.TraceRcaEngine>(
            static provider => new Trace.TraceRcaEngine(provider.GetServices<IDetector>())));
    }
}
