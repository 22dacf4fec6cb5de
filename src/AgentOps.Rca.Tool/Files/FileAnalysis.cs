using AgentOps.Rca.Analysis;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Tool.Output;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Files;

/// <summary>Looks for the cause of what a file tells of.</summary>
internal static class FileAnalysis
{
    /// <summary>Looks for the cause in each incident of a file.</summary>
    public static async Task<IReadOnlyList<(ImportedIncident Incident, RcaReport Report)>> RunAllAsync(
        IServiceProvider services, OpenedFile file, string engine, OpenedFile? reference, ProgressLine progress, CancellationToken cancellationToken)
    {
        List<(ImportedIncident, RcaReport)> all = [];
        foreach (var incident in file.Import.Incidents)
        {
            progress.Run = file.Import.Incidents.Count == 1 ? null : (all.Count + 1, file.Import.Incidents.Count);
            all.Add((incident, await RunAsync(services, incident.Id, engine, reference, progress, cancellationToken).ConfigureAwait(false)));
        }

        progress.Run = null;
        return all;
    }

    /// <param name="services">The services that hold the file.</param>
    /// <param name="incidentId">The incident.</param>
    /// <param name="engine">The engine's name.</param>
    /// <param name="reference">A good run to compare with, or null.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ToolException">The engine is unknown or cannot work.</exception>
    private static async Task<RcaReport> RunAsync(
        IServiceProvider services, Guid incidentId, string engine, OpenedFile? reference, ProgressLine progress, CancellationToken cancellationToken)
    {
        var request = new RcaRequest
        {
            IncidentId = incidentId,
            Engine = engine,
            Reference = reference is null ? null : new RcaReference { IncidentIds = [reference.IncidentId] },
        };
        return await services.GetRequiredService<IRcaAnalyzer>().AnalyzeAsync(request, progress, cancellationToken).ConfigureAwait(false) switch
        {
            RcaOutcome.Completed completed => completed.Report,
            RcaOutcome.EngineUnknown unknown => throw new ToolException($"There is no engine {Plain.Line(engine)}; there are {string.Join(", ", unknown.Known)}."),
            RcaOutcome.EngineUnavailable unavailable => throw new ToolException($"The engine {unavailable.Engine} cannot work here: the tool reads no settings and calls nobody. Take the file into a host that has a model."),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of analysing a file."),
        };
    }
}
