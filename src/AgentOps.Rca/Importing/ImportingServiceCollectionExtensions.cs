using AgentOps.Rca.Incidents;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Importing;

internal static class ImportingServiceCollectionExtensions
{
    /// <summary>Trace files.</summary>
    public static void AddImporting(this IServiceCollection services) =>
        services.TryAddSingleton<IFileImporter>(static provider => new FileImporter(
            provider.GetShared<IIncidentStore>(),
            provider.GetRequiredService<IIncidentOpener>(),
            provider.GetRequiredService<OtlpIntake>(),
            provider.GetRequiredService<ISpanLinking>()));
}
