using System.Runtime.InteropServices;

namespace AgentOps.Rca.Package.Tests;

/// <summary>The packages, packed once under a version of their own, and the programs of users that are built against them.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public static IReadOnlyList<string> Names { get; } = ["AgentOps.Rca", "AgentOps.Rca.Sqlite", "AgentOps.Rca.AspNetCore", "AgentOps.Rca.Mcp", "AgentOps.Rca.Testing"];

    // Of its own, so that no cache answers with the packages of an earlier run.
    public string Version { get; } = $"0.0.1-test.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}";

    public async ValueTask InitializeAsync()
    {
        foreach (var package in Names)
        {
            // The analyzers have looked at the sources already, when the solution was built.
            await Repository.RunAsync(
                Repository.Root, "dotnet", "pack", $"src/{package}", "-c", "Release", "-o", this["feed"], $"-p:MinVerVersionOverride={Version}",
                "-p:RunAnalyzers=false", "--artifacts-path", this["build"], "-nologo", "-v", "quiet");
        }

        var source = Path.Combine(AppContext.BaseDirectory, "Consumers");
        foreach (var file in Directory.EnumerateFiles(source, "*.txt", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(this["consumers"], Path.GetRelativePath(source, file)[..^".txt".Length]);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await Repository.RunAsync(this["consumers"], "dotnet", ["build", "Consumers.slnx", "-nologo", "-v", "quiet", .. Settings]);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    internal string this[string name] => _directory[name];

    /// <summary>Runs one of the programs in a directory of its own, and returns the lines that it printed; fails when its exit code is not 0.</summary>
    internal async Task<IReadOnlyList<string>> RunAsync(string program) =>
        await RunAsync(program, "dotnet", this[$"consumers/{program}/bin/Debug/net10.0/{program}.dll"]);

    /// <summary>The same, published as a native executable.</summary>
    internal async Task<IReadOnlyList<string>> RunNativeAsync(string program)
    {
        await Repository.RunAsync(
            this[$"consumers/{program}"], "dotnet", ["publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", this["native"], "-nologo", "-v", "quiet", .. Settings]);
        return await RunAsync(program, this[$"native/{program}"]);
    }

    internal string[] Settings =>
    [
        $"-p:RcaVersion={Version}", $"-p:RestoreAdditionalProjectSources={this["feed"]}", $"-p:RestorePackagesPath={this["packages"]}", $"-p:RestoreFallbackFolders={Cache}",
    ];

    private static string Cache => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private async Task<IReadOnlyList<string>> RunAsync(string program, string command, params string[] arguments)
    {
        var directory = Directory.CreateDirectory(this[$"runs/{program}-{Guid.NewGuid():N}"]).FullName;
        return (await Repository.RunAsync(directory, command, arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
