using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.WebHost.Demo;

/// <summary>Stores the incidents of the demonstration, analyses them, and prints what a team would want to see.</summary>
internal sealed class Demonstration(IServiceProvider services, TextWriter output)
{
    private readonly DemonstrationPrinter _printer = new(output);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var scenario in Scenario.LoadAll())
        {
            _printer.PrintTitle(scenario);
            await StoreAsync(scenario, cancellationToken);
            var report = await AnalyzeAsync(scenario.Incident, cancellationToken);
            _printer.PrintReport(report);
            _printer.PrintKpis((await services.GetRequiredService<IKpiReader>().ReadAsync(scenario.Incident.Id, cancellationToken))!);
            _printer.PrintReplay((await services.GetRequiredService<IReplayer>().ReplayAsync(scenario.Incident.Id, null, cancellationToken))!);
            _printer.PrintBundle(await ExportAsync(scenario.Incident.Id, cancellationToken));
        }
    }

    private async Task StoreAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<IIncidentStore>().AddAsync(scenario.Incident, cancellationToken);
        var vault = services.GetRequiredService<ArtifactVault>();
        foreach (var content in scenario.Calls.SelectMany(call => call.Contents))
        {
            await vault.PutAsync(content, "application/json", piiMasked: true, cancellationToken);
        }

        await services.GetRequiredService<ISpanStore>().AddAsync([.. scenario.Calls.Select(call => call.Span)], cancellationToken);
    }

    private async Task<RcaReport> AnalyzeAsync(Incident incident, CancellationToken cancellationToken)
    {
        ((IncidentClock)services.GetRequiredService<TimeProvider>()).StartAt(incident.CreatedTs);
        var outcome = await services.GetRequiredService<IRcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = incident.Id }, _printer, cancellationToken);
        return outcome is RcaOutcome.Completed { Report: var report }
            ? report
            : throw new InvalidOperationException($"The analysis of the demonstration ended with {outcome}.");
    }

    private async Task<string> ExportAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        await using var export = (await services.GetRequiredService<IBundleExporter>().PrepareAsync(incidentId, options: null, cancellationToken))!;
        var directory = Path.Combine(services.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.DataDirectory, "bundles");
        var path = Path.Combine(directory, export.FileName);
        await using var file = CreateOwn(directory, path);
        await export.WriteToAsync(file, cancellationToken);
        return path;
    }

    // A bundle holds what was given to tools and what they gave back: it is the owner's alone.
    private static FileStream CreateOwn(string directory, string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Directory.CreateDirectory(directory, owner | UnixFileMode.UserExecute);
            options.UnixCreateMode = owner;
        }

        return new FileStream(path, options);
    }
}
