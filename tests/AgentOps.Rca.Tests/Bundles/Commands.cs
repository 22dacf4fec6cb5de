using System.Diagnostics;

namespace AgentOps.Rca.Tests.Bundles;

/// <summary>The programs that check bundles without us.</summary>
internal static class Commands
{
    public static void Require(params string[] tools)
    {
        foreach (var tool in tools.Where(tool => !File.Exists($"/usr/bin/{tool}")))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", $"{tool} is not installed.");
            Assert.Fail($"{tool} is not installed.");
        }
    }

    public static void Run(int expected, string directory, string command)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", command])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == expected, $"{command}: {process.ExitCode}\n{output}");
    }
}
