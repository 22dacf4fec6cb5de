using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Tool.Output;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Commands;

/// <summary><c>doctor [URL|DATABASE]</c>: what a host, a database or this machine lacks.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        var target = new Argument<string?>("TARGET")
        {
            Description = "A host's address, a connection string of PostgreSQL, or the path of a SQLite file; without it, this machine.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var key = new Option<string?>("--api-key") { Description = "The key that the host asks for." };
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Says what a host, a database or this machine lacks, and changes nothing. Ends with 1 when something lacks.") { target, key, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var checks = parsed.GetValue(target) is not { } named ? CheckMachine()
                : Database.IsAddress(named) ? await CheckHostAsync(new Uri(named), parsed.GetValue(key), cancellationToken).ConfigureAwait(false)
                : await CheckDatabaseAsync(named, cancellationToken).ConfigureAwait(false);
            Print(checks, parsed.GetValue(json));
            return checks.All(static check => check.Ok) ? ExitCode.Done : ExitCode.No;
        });
        return command;
    }

    private static List<Check> CheckMachine()
    {
        List<Check> checks = [new("runtime", true, string.Create(CultureInfo.InvariantCulture, $".NET {Environment.Version}"))];
        try
        {
            var file = Path.GetTempFileName();
            File.Delete(file);
            checks.Add(new("temporary files", true, "Packed files and the standard input can be kept while they are read."));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            checks.Add(new("temporary files", false, $"Packed files and the standard input cannot be kept while they are read: {failure.Message}"));
        }

        return checks;
    }

    private static async Task<List<Check>> CheckHostAsync(Uri host, string? key, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = Patience, BaseAddress = new Uri(host.AbsoluteUri.TrimEnd('/') + "/") };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Add("X-Api-Key", key);
        }

        List<Check> checks = [];
        foreach (var (name, path, sentence) in new[]
        {
            ("answers", "health", "The host answers."), ("ready", "health/ready", "Its store can be reached."),
            ("reading", "incidents?limit=1", "Incidents can be read."), ("files", "openapi/v1.json", "Its description can be read."),
        })
        {
            checks.Add(await AskAsync(client, name, path, sentence, cancellationToken).ConfigureAwait(false));
        }

        return checks;
    }

    private static async Task<Check> AskAsync(HttpClient client, string name, string path, string sentence, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken).ConfigureAwait(false);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? new Check(name, true, sentence)
                : new Check(name, false, string.Create(CultureInfo.InvariantCulture, $"GET /{path} was answered with {(int)answer.StatusCode}: {Plain.Line(text, 300)}"));
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Check(name, false, failure.Message);
        }
    }

    private static async Task<List<Check>> CheckDatabaseAsync(string target, CancellationToken cancellationToken)
    {
        if (!Database.IsPostgres(target) && !File.Exists(target))
        {
            return [new Check("file", false, $"There is no file {Plain.Line(target)}; a host makes it when it first starts.")];
        }

        var services = Database.Open(target, artifacts: null);
        await using var servicesDisposal = services.ConfigureAwait(false);
        var backend = services.GetRequiredService<StorageBackend>();
        List<Check> checks = [];
        await CheckAsync("reachable", async () => await backend.FindFaultAsync(cancellationToken).ConfigureAwait(false), $"{backend.Name} can be reached, and has what is needed.").ConfigureAwait(false);
        if (checks[0].Ok)
        {
            await CheckAsync("safe", async () => await backend.FindWarningAsync(cancellationToken).ConfigureAwait(false), "Nothing is amiss with it.").ConfigureAwait(false);
        }

        return checks;

        async Task CheckAsync(string name, Func<Task<string?>> find, string sentence)
        {
            try
            {
                checks.Add(await find().ConfigureAwait(false) is { } fault ? new Check(name, false, fault) : new Check(name, true, sentence));
            }
            catch (StoreUnavailableException unavailable)
            {
                checks.Add(new Check(name, false, unavailable.Message));
            }
        }
    }

    private static void Print(List<Check> checks, bool json)
    {
        if (!json)
        {
            checks.ForEach(static check => Terminal.Out.Check($"{(check.Ok ? "ok   " : "LACKS")} {check.Name,-15} {Plain.Line(check.Detail)}", check.Ok));
            return;
        }

        using var output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (var check in checks)
        {
            writer.WriteStartObject();
            writer.WriteString("check", check.Name);
            writer.WriteBoolean("ok", check.Ok);
            writer.WriteString("detail", check.Detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.Flush();
        output.Write("\n"u8);
    }

    private sealed record Check(string Name, bool Ok, string Detail);
}
