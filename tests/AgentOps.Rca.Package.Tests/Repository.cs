using System.Diagnostics;
using System.Reflection;

namespace AgentOps.Rca.Package.Tests;

/// <summary>The checkout that the tests were built from, and the commands they run in it.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>Runs a command to its end and returns what it printed; fails the test when its exit code is not 0.</summary>
    public static async Task<string> RunAsync(string directory, string command, params string[] arguments)
    {
        // A script is one of the directory's, wherever the tests run.
        var start = new ProcessStartInfo(command.Contains('/', StringComparison.Ordinal) ? Path.Combine(directory, command) : command, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var text = await output + await errors;
        Assert.True(process.ExitCode == 0, $"{command} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{text}");
        return text;
    }
}
