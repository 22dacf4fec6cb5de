using System.CommandLine;
using System.Globalization;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Commands;

/// <summary><c>import FILE --to URL|DATABASE</c>: a trace file into a host or its database.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = CommonOptions.File("FILE", "A trace file of any known format; - is the standard input.");
        var to = new Option<string>("--to") { Description = "A host's address, a connection string of PostgreSQL, or the path of a SQLite file.", Required = true };
        var key = new Option<string?>("--api-key") { Description = "The key that the host asks for." };
        var timeout = new Option<double>("--timeout")
        {
            Description = "How many seconds a host may neither take more of the file nor answer; 600 by default.",
            DefaultValueFactory = static _ => 600,
        };
        timeout.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0
                && !(double.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400))
            {
                result.AddError("--timeout must be a number of seconds, at most 86400.");
            }
        });
        var artifacts = new Option<string?>("--artifacts") { Description = "Beside a SQLite file: the directory of the artifacts, ./artifacts by default." };
        var perRun = new Option<bool>("--incident-per-run") { Description = "Opens an incident for each run of a file that tells of several, at most 1,000." };
        var command = new Command("import", "Takes a trace file into a host or its database. Taking it twice stores it once.") { file, to, key, timeout, artifacts, perRun };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (name, target) = (parsed.GetValue(file)!, parsed.GetValue(to)!);
            return Database.IsAddress(target)
                ? new HostImport(new Uri(target), parsed.GetValue(key), TimeSpan.FromSeconds(parsed.GetValue(timeout)), parsed.GetValue(perRun)).SendAsync(name, cancellationToken)
                : StoreAsync(name, target, parsed.GetValue(artifacts), parsed.GetValue(perRun), cancellationToken);
        });
        return command;
    }

    private static async Task<int> StoreAsync(string name, string target, string? artifacts, bool perRun, CancellationToken cancellationToken)
    {
        var services = Database.Open(target, artifacts);
        await using var servicesDisposal = services.ConfigureAwait(false);
        var backend = services.GetRequiredService<StorageBackend>();
        await backend.ReachAsync(cancellationToken).ConfigureAwait(false);
        if (await backend.PrepareAsync(services.GetRequiredService<IArtifactContentStore>(), cancellationToken).ConfigureAwait(false) is { } warning)
        {
            Terminal.Error.Text(Plain.Line(warning));
        }

        using var progress = new ProgressLine(isWanted: true);
        OpenedFile file;
        try
        {
            file = await new FileOpener(services, progress).OpenAsync(name, cancellationToken, perRun).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            progress.Dispose();
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"Interrupted. {progress.Spans} spans are in the database, and no incident; importing the file again completes it.")).ConfigureAwait(false);
            throw;
        }

        progress.Dispose();
        var import = file.Import;
        Terminal.Out.Text(string.Create(
            CultureInfo.InvariantCulture,
            $"{file.Format}: {import.SpansAdded} spans are new, {import.SpansKnown} were there, {import.SpansRefused} were refused; {Incidents(import)}."));
        foreach (var left in import.LeftOut)
        {
            Terminal.Out.Text(string.Create(CultureInfo.InvariantCulture, $"  left out {left.Count} times, first at {left.First}: {Plain.Line(left.What)}"));
        }

        return ExitCode.Done;
    }

    private static string Incidents(FileImport import) => import.Incidents.Count == 1
        ? $"incident {import.IncidentId:D}{(import.IncidentCreated ? " is new" : "")}"
        : string.Create(CultureInfo.InvariantCulture, $"{import.Incidents.Count} incidents, of which {import.Incidents.Count(static one => one.IsCreated)} are new, the first {import.IncidentId:D}");
}
