using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Page.Tests;

/// <summary>The ready host as one native executable, which somebody published before, over the directory of a host that was stopped: all its code is compiled already.</summary>
internal sealed class NativeHost : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _directory;

    private NativeHost(Process process, string directory, int port)
    {
        (_process, _directory) = (process, directory);
        Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
    }

    private static string? Executable => Environment.GetEnvironmentVariable("AGENTOPS_NATIVE_HOST") is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    /// <summary>Whether AGENTOPS_NATIVE_HOST names one.</summary>
    public static bool IsNamed => Executable is not null;

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address { get; }

    /// <summary>Starts it and waits until it listens; it has not answered anything then.</summary>
    public static async Task<NativeHost> StartAsync(string directory)
    {
        var port = TestPort.Take();
        var start = new ProcessStartInfo(Executable!) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["AgentOpsRca__DataDirectory"] = directory;
        start.Environment["ARTIFACT_DIR"] = Path.Combine(directory, "artifacts");
        var host = new NativeHost(Process.Start(start)!, directory, port);
        host._process.OutputDataReceived += static (_, _) => { };
        host._process.ErrorDataReceived += static (_, _) => { };
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            Assert.False(host._process.HasExited, "The native host has ended.");
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), "The native host does not listen.");
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return host;
            }
            catch (SocketException)
            {
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
