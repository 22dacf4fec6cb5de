using System.Diagnostics;
using System.Globalization;
using System.Text;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Package.Tests;

/// <summary>
/// The sample host, published once as a native executable, in a build of its own: other tests measure the build they run from.
/// </summary>
public sealed class PublishedHost : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public async ValueTask InitializeAsync() =>
        await Repository.RunAsync(
            Repository.Root, "dotnet", "publish", "samples/WebHost", "-c", "Release", "-o", _directory["host"],
            "-p:RunAnalyzers=false", "--artifacts-path", _directory["build"], "-nologo", "-v", "quiet");

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Starts the host in a directory of its own and waits until it answers.</summary>
    internal async Task<HostRun> StartAsync(string directory, params string[] arguments)
    {
        var port = TestPort.Take();
        var start = new ProcessStartInfo(_directory["host/agentops-rca"], arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in new[] { "SUPABASE_DB_URL", "SUPABASE_URL", "SUPABASE_KEY", "GROQ_API_KEY", "ARTIFACT_DIR", "AGENTOPS_API_KEY", "AGENTOPS_SIGNING_KEY", "ENVIRONMENT" })
        {
            start.Environment.Remove(name);
        }

        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        var run = new HostRun(Process.Start(start)!, port);
        await run.WaitUntilReadyAsync();
        return run;
    }

    /// <summary>Runs a command of the host to its end.</summary>
    internal async Task<(int ExitCode, string Output, string Errors)> RunAsync(string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(_directory["host/agentops-rca"], arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}

/// <summary>A running host and what it has printed.</summary>
internal sealed class HostRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HostRun(Process process, int port)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Client { get; }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public async Task WaitUntilReadyAsync()
    {
        await Task.WhenAny(_greeted.Task, Task.Delay(Patience, TestContext.Current.CancellationToken));
        Assert.True(_greeted.Task.IsCompletedSuccessfully, $"The host did not start within {Patience.TotalSeconds} s. It printed:\n{Output}");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line.EndsWith("/docs", StringComparison.Ordinal))
        {
            _greeted.TrySetResult();
        }
    }
}
