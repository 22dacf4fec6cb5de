using System.Diagnostics;

namespace AgentOps.Rca.Tests.Artifacts;

/// <summary>Runs the program that stores one artifact, alone or under strace.</summary>
internal static class ArtifactWriterProcess
{
    // Its own output, not the copy beside the tests: measuring coverage rewrites that one, and what it writes then meets the faults.
    private static readonly string Program = Path.Combine(
        AppContext.BaseDirectory.Replace("AgentOps.Rca.Tests", "AgentOps.Rca.ArtifactWriter", StringComparison.Ordinal),
        "AgentOps.Rca.ArtifactWriter.dll");

    public static Process Start(string directory, string source, params string[] straceArguments)
    {
        string[] command = ["dotnet", Program, directory, source];
        if (straceArguments.Length > 0)
        {
            command = ["strace", "-f", "-qq", "-o", "/dev/null", .. straceArguments, .. command];
        }

        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            // strace counts calls by thread: in a pool of one thread the nth is the nth of the process.
            Environment =
            {
                ["DOTNET_ThreadPool_ForceMinWorkerThreads"] = straceArguments.Length > 0 ? "1" : null,
                ["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = straceArguments.Length > 0 ? "1" : null,
            },
        })!;
    }

    public static async Task<(int ExitCode, string Output)> RunAsync(string directory, string source, params string[] straceArguments)
    {
        using var process = Start(directory, source, straceArguments);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output.Trim());
    }

    public static void RequireStrace()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        if (path.Split(Path.PathSeparator).Any(directory => File.Exists(Path.Combine(directory, "strace"))))
        {
            return;
        }

        const string Reason = "This test needs strace, which injects the faults; it is not installed.";
        if (Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1")
        {
            Assert.Fail(Reason);
        }

        Assert.Skip(Reason);
    }
}
