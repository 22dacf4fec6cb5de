using AgentOps.Rca.Analysis;
using AgentOps.Rca.Tool.Output;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Files;

/// <summary>Looks for the cause of what a file tells of.</summary>
internal static class FileAnalysis
{
    /// <param name="services">The services that hold the file.</param>
    /// <param name="file">The file.</param>
    /// <param name="engine">The engine's name.</param>
    /// <param name="reference">A good run to compare with, or null.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ToolException">The engine is unknown or cannot work.</exception>
    public static async Task<RcaReport> RunAsync(
        IServiceProvider services, OpenedFile file, string engine, OpenedFile? reference, ProgressLine progress, CancellationToken cancellationToken)
    {
        var request = new RcaRequest
        {
            IncidentId = file.IncidentId,
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
