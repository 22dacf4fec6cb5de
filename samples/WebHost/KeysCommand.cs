using System.Globalization;
using AgentOps.Rca.Identity;

namespace AgentOps.Rca.WebHost;

/// <summary>The command that makes keys for callers and lists those there are.</summary>
internal static class KeysCommand
{
    public const string Name = "keys";

    private const int Done = 0;
    private const int NotDone = 1;
    private const int DaysByDefault = 365;
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string Usage = """
        Makes and lists the keys that callers of the API send.

          keys new NAME --scopes ingest,read [--expires 2027-06-30] [--tenant TENANT] [--file FILE]
          keys list [--file FILE]

        NAME       who holds it: letters, digits and . _ - @; records say it
        --scopes   what its holder may do: ingest, read, analyze, decide, bundle, admin (all); an agent needs ingest
        --expires  its last day or moment in UTC, or never; a year from now when it is left out
        --tenant   whose records its holder reaches, where the host keeps tenants apart (AGENTOPS_TENANTS)
        --file     the file that AGENTOPS_KEYS names: new adds the line to it, and a running host reads it again; list reads it

        The key is printed once, and kept nowhere: the host keeps its hash.
        """;

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors, TimeProvider timeProvider)
    {
        if (HostHelp.IsAskedFor(arguments) || arguments.Length == 0)
        {
            await output.WriteLineAsync(Usage);
            return Done;
        }

        try
        {
            var (names, options) = Read(arguments);
            return (names, options) switch
            {
                (["new", var name], { Scopes: { } scopes }) => await MakeAsync(name, scopes, options, output, timeProvider),
                (["list"], { Scopes: null, Expires: null, Tenant: null }) => await ListAsync(options.File, output, timeProvider),
                _ => throw new FormatException("That is no such command."),
            };
        }
        catch (Exception failure) when (failure is FormatException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"{failure.Message}\n\n{Usage}");
            return NotDone;
        }
    }

    private static async Task<int> MakeAsync(string name, string scopes, Options options, TextWriter output, TimeProvider timeProvider)
    {
        var end = options.Expires is { } text ? Day(text) : timeProvider.GetUtcNow().UtcDateTime.Date.AddDays(DaysByDefault);
        var key = CallerKey.Create(name, scopes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), end, options.Tenant, out var secret);
        if (options.File is { } file)
        {
            var before = File.Exists(file) ? await File.ReadAllTextAsync(file) : "";
            var lines = $"{before}{(before.Length == 0 || before.EndsWith('\n') ? "" : "\n")}{key}\n";
            _ = CallerKey.ReadAll(lines);
            await ReplaceAsync(file, lines);
        }

        await output.WriteLineAsync($"""
            The key of {key.Name}, which is shown this once; it is sent as 'X-Api-Key' or as 'Authorization: Bearer':
            {secret}

            {(options.File is { } kept ? $"Its line was added to {kept}:" : "The host must know this line (AGENTOPS_KEYS, or a file that it names):")}
            {key}
            """);
        return Done;
    }

    private static async Task<int> ListAsync(string? file, TextWriter output, TimeProvider timeProvider)
    {
        var setting = file ?? Environment.GetEnvironmentVariable("AGENTOPS_KEYS");
        var text = setting is null ? "" : setting.Contains("sha256:", StringComparison.Ordinal) ? setting : await File.ReadAllTextAsync(setting);
        var now = timeProvider.GetUtcNow();
        foreach (var key in CallerKey.ReadAll(text))
        {
            var state = key.ExpiresAt is not { } end ? "never ends" : end <= now ? $"over since {Write(end)}" : $"until {Write(end)}";
            await output.WriteLineAsync($"{key.Name,-24} {string.Join(',', CallerScopes.All.Where(key.Scopes.Contains)),-40} {state}{(key.Tenant is null ? "" : $", tenant {key.Tenant}")}");
        }

        return Done;
    }

    // A host that reads meanwhile finds all of the old lines or all of the new ones.
    private static async Task ReplaceAsync(string file, string text)
    {
        var next = $"{file}.new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Own;
        }

        await using (var writer = new StreamWriter(next, options))
        {
            await writer.WriteAsync(text);
        }

        File.Move(next, file, overwrite: true);
    }

    private static DateTimeOffset? Day(string text) => text.Equals("never", StringComparison.OrdinalIgnoreCase) ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var end) ? end
        : throw new FormatException("--expires needs a day such as 2027-06-30, or never.");

    private static string Write(DateTimeOffset end) => end.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static (string[] Names, Options Options) Read(string[] arguments)
    {
        List<string> names = [];
        var options = new Options(null, null, null, null);
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--scopes" when i + 1 < arguments.Length => options with { Scopes = arguments[++i] },
                "--expires" when i + 1 < arguments.Length => options with { Expires = arguments[++i] },
                "--tenant" when i + 1 < arguments.Length => options with { Tenant = arguments[++i] },
                "--file" when i + 1 < arguments.Length => options with { File = arguments[++i] },
                ['-', ..] unknown => throw new FormatException($"There is no option {unknown}, or its value is missing."),
                var name => Add(name),
            };
        }

        return ([.. names], options);

        Options Add(string name)
        {
            names.Add(name);
            return options;
        }
    }

    private sealed record Options(string? Scopes, string? Expires, string? Tenant, string? File);
}
