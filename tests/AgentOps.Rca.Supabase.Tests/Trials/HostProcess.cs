using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>The sample host in a process of its own, which may be killed and started again on the same port.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly (string Name, string Value)[] _settings;
    private readonly string[] _wrapper;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("agentops-host-");
    private readonly List<string> _output = [];
    private Process? _process;

    private HostProcess(string[] wrapper, (string Name, string Value)[] settings)
    {
        _wrapper = wrapper;
        _settings = settings;
        Port = TestPort.Take();
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(8) };
    }

    public int Port { get; }

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}"));

    public HttpClient Client { get; }

    /// <summary>The id of the process, or of what it is wrapped in.</summary>
    public int Id => _process!.Id;

    /// <summary>Its working directory.</summary>
    public string WorkingDirectory => _directory.FullName;

    /// <summary>What it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Starts the host and waits until it answers.</summary>
    public static Task<HostProcess> StartAsync(params (string Name, string Value)[] settings) => StartAsync([], settings);

    /// <summary>The same inside of another program, such as strace.</summary>
    public static async Task<HostProcess> StartAsync(string[] wrapper, params (string Name, string Value)[] settings)
    {
        var host = new HostProcess(wrapper, settings);
        await host.StartAgainAsync();
        return host;
    }

    /// <summary>Starts it after it was killed.</summary>
    public async Task StartAgainAsync()
    {
        var start = ReadyHostProgram.Prepare(_directory, Port, wrapper: _wrapper);
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        _process?.Dispose();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var waited = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            Assert.False(_process.HasExited, $"The host ended at its start:\n{Output}");
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(90), $"The host does not answer:\n{Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _process!.Kill(entireProcessTree: true);

    /// <summary>What a platform sends before it takes a host away.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public Task WaitForExitAsync() => _process!.WaitForExitAsync(TestContext.Current.CancellationToken);

    public int ExitCode => _process!.ExitCode;

    public bool HasExited => _process!.HasExited;

    /// <summary>The memory that it occupies, in bytes, and its open handles.</summary>
    public (long Memory, int Handles) Measure()
    {
        var line = File.ReadLines($"/proc/{Id}/status").Single(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kibibytes = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return (kibibytes << 10, Directory.GetFiles($"/proc/{Id}/fd").Length);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_process is not null)
        {
            if (!_process.HasExited)
            {
                Kill();
                await _process.WaitForExitAsync();
            }

            _process.Dispose();
        }

        _directory.Delete(recursive: true);
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.Add(line);
            }
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var reply = await Client.GetAsync(new Uri("/health", UriKind.Relative));
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
