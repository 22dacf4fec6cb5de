using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using AgentOps.Rca.Artifacts;
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
        var artifacts = new Option<string?>("--artifacts") { Description = "Beside a SQLite file: the directory of the artifacts, ./artifacts by default." };
        var command = new Command("import", "Takes a trace file into a host or its database. Taking it twice stores it once.") { file, to, key, artifacts };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (name, target) = (parsed.GetValue(file)!, parsed.GetValue(to)!);
            return Database.IsAddress(target)
                ? SendAsync(name, new Uri(target), parsed.GetValue(key), cancellationToken)
                : StoreAsync(name, target, parsed.GetValue(artifacts), cancellationToken);
        });
        return command;
    }

    private static async Task<int> SendAsync(string name, Uri host, string? key, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{host.AbsoluteUri.TrimEnd('/')}/imports"));
        var file = FileOpener.Open(name);
        await using var fileDisposal = file.ConfigureAwait(false);
        request.Content = new StreamContent(file);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using var answer = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new ToolException(string.Create(CultureInfo.InvariantCulture, $"The host answered {(int)answer.StatusCode}: {Plain.Line(text, 1_000)}"));
        }

        await Console.Out.WriteLineAsync(text).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static async Task<int> StoreAsync(string name, string target, string? artifacts, CancellationToken cancellationToken)
    {
        var services = Database.Open(target, artifacts);
        await using var servicesDisposal = services.ConfigureAwait(false);
        var backend = services.GetRequiredService<StorageBackend>();
        if (await backend.PrepareAsync(services.GetRequiredService<IArtifactContentStore>(), cancellationToken).ConfigureAwait(false) is { } warning)
        {
            Terminal.Error.Text(Plain.Line(warning));
        }

        using var progress = new ProgressLine(isWanted: true);
        var file = await new FileOpener(services, progress).OpenAsync(name, cancellationToken).ConfigureAwait(false);
        progress.Dispose();
        var import = file.Import;
        Terminal.Out.Text(string.Create(
            CultureInfo.InvariantCulture,
            $"{file.Format}: {import.SpansAdded} spans are new, {import.SpansKnown} were there, {import.SpansRefused} were refused; incident {import.IncidentId:D}{(import.IncidentCreated ? " is new" : "")}."));
        foreach (var left in import.LeftOut)
        {
            Terminal.Out.Text(string.Create(CultureInfo.InvariantCulture, $"  left out {left.Count} times, first at {left.First}: {Plain.Line(left.What)}"));
        }

        return ExitCode.Done;
    }
}
