using System.Diagnostics;

[assembly: AssemblyFixture(typeof(AgentOps.Rca.Tool.Tests.PackedTool))]

namespace AgentOps.Rca.Tool.Tests;

/// <summary>The tool as people get it: packed, and installed from a folder feed into a folder of its own.</summary>
public sealed class PackedTool : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Lazy<Task<string>> _path;

    public PackedTool() => _path = new Lazy<Task<string>>(InstallAsync);

    public void Dispose() => _directory.Dispose();

    /// <summary>Where the program is; the first who asks waits until it is installed.</summary>
    internal Task<string> PathAsync() => _path.Value;

    /// <summary>Starts it, with settings of the environment that it must not read.</summary>
    internal async Task<Process> StartAsync(string directory, params string[] arguments)
    {
        // What a shell starts in the background ignores an interrupt, and so does what that starts: as somebody at a terminal starts it, it does not.
        var path = await PathAsync();
        var start = new ProcessStartInfo(OperatingSystem.IsLinux() ? "env" : path, OperatingSystem.IsLinux() ? ["--default-signal=INT", path, .. arguments] : arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["AGENTOPS_API_KEY"], start.Environment["SUPABASE_DB_URL"], start.Environment["PORT"], start.Environment["ASPNETCORE_URLS"]) =
            ("a-key", "postgresql://nobody@127.0.0.1:1/none", "1", "http://127.0.0.1:1");
        start.Environment["TMPDIR"] = directory;
        return Process.Start(start)!;
    }

    /// <summary>Runs a command to its end.</summary>
    internal async Task<ToolRun> RunAsync(string directory, string? input, params string[] arguments)
    {
        using var process = await StartAsync(directory, arguments);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        return await ToolRun.OfAsync(process);
    }

    private async Task<string> InstallAsync()
    {
        // A version of its own, so that no cache answers with the tool of an earlier run; what is packed was built with these tests.
        var version = $"0.0.1-test.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}";
        await RunProgramAsync(
            "dotnet", Repository.Root, "pack", "src/AgentOps.Rca.Tool", "-c", "Release", "--no-build", "-o", _directory["feed"], $"-p:MinVerVersionOverride={version}", "-nologo", "-v", "quiet");
        await RunProgramAsync(
            "dotnet", _directory.Path, "tool", "install", "agentops-rca", "--tool-path", _directory["tool"], "--source", _directory["feed"], "--version", version);
        return Path.Combine(_directory["tool"], OperatingSystem.IsWindows() ? "agentops-rca.exe" : "agentops-rca");
    }

    private static async Task RunProgramAsync(string program, string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var run = await ToolRun.OfAsync(process);
        Assert.True(run.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {run.ExitCode}:\n{run.Output}{run.Errors}");
    }
}

/// <summary>What a command printed, and what it ended with.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Errors)
{
    public static async Task<ToolRun> OfAsync(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ToolRun(process.ExitCode, output, await errors);
    }
}
