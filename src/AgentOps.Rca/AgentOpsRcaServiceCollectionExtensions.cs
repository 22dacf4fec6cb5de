using AgentOps.Rca;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.LanguageModel;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Groq;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Patterns;
using AgentOps.Rca.Reading;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans.Ingest;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Telemetry;
using AgentOps.Rca.Tenancy;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The front door of AgentOps.Rca.</summary>
public static class AgentOpsRcaServiceCollectionExtensions
{
    /// <summary>
    /// Adds root-cause analysis. Settings are read from configuration or the environment (see <see cref="AgentOpsRcaOptions"/>); wrong
    /// ones stop the host's start with a sentence. What is registered before or after this call wins, and calling it twice is harmless.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the settings after they were read.</param>
    /// <returns>A builder for <c>Use…</c> calls.</returns>
    public static IAgentOpsRcaBuilder AddAgentOpsRca(this IServiceCollection services, Action<AgentOpsRcaOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddAgentOpsRcaOptions(configure);
        services.TryAddSingleton<RcaTelemetry>();
        services.AddStorage();
        services.AddIncidents();
        services.AddSpans();
        services.TryAddSingleton<OtlpIntake>();
        services.AddAuditing();
        services.AddImporting();
        services.AddAnalysis();
        services.AddKpis();
        services.AddApprovals();
        services.AddPatterns();
        services.AddReading();
        services.TryAddSingleton<AgentRecorder>();
        services.TryAddSingleton<IAgentRecorder>(static provider => provider.GetRequiredService<AgentRecorder>());
        services.AddReplay();
        services.AddBundles();
        services.AddConfiguredGroq();
        services.AddLanguageModel();
        services.AddTenancy();
        return new AgentOpsRcaBuilder(services);
    }
}
