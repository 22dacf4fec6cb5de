using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AgentOps.Rca.Testing;

/// <summary>The sample host as a process of its own, in a directory of its own, with nothing set but what a test sets.</summary>
public sealed class ReadyHostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly DirectoryInfo _directory;

    private ReadyHostProcess(Process process, DirectoryInfo directory, int port)
    {
        (_process, _directory, Port) = (process, directory, port);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Client = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
    }

    /// <summary>The port that it was given.</summary>
    public int Port { get; }

    /// <summary>Asks it, over IPv4.</summary>
    public HttpClient Client { get; }

    /// <summary>Where it works.</summary>
    public string Directory => _directory.FullName;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>How much memory it has, in bytes.</summary>
    public long Memory()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>What it has printed.</summary>
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

    /// <summary>Starts it; {port} stands for the port in settings and arguments.</summary>
    public static ReadyHostProcess Start(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(arguments);
        var port = TestPort.Take();
        var text = port.ToString(CultureInfo.InvariantCulture);
        var directory = System.IO.Directory.CreateTempSubdirectory("agentops-ready-");
        var start = ReadyHostProgram.Prepare(directory, port, arguments.Select(argument => argument.Replace("{port}", text, StringComparison.Ordinal)));
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value.Replace("{port}", text, StringComparison.Ordinal);
        }

        return new ReadyHostProcess(Process.Start(start)!, directory, port);
    }

    /// <summary>Waits until it answers.</summary>
    public async Task WaitAsync()
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                using var answer = await Client.GetAsync(new Uri("/health", UriKind.Relative));
                return;
            }
            catch (HttpRequestException)
            {
                Assert.False(_process.HasExited, Output);
                Assert.True(waited.Elapsed < TimeSpan.FromSeconds(90), Output);
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Waits until it has printed this.</summary>
    public async Task WaitForAsync(string text)
    {
        for (var waited = Stopwatch.StartNew(); !Output.Contains(text, StringComparison.Ordinal); await Task.Delay(50))
        {
            Assert.True(!_process.HasExited && waited.Elapsed < TimeSpan.FromSeconds(90), Output);
        }
    }

    /// <summary>Waits for its end, and for all that it has printed.</summary>
    public async Task<int> WaitForEndAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>The addresses at which it listens, as the kernel has them.</summary>
    public IReadOnlyList<string> Listening() => [.. from file in (string[])["/proc/net/tcp", "/proc/net/tcp6"]
                                                    from line in File.ReadLines(file).Skip(1)
                                                    let parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                                                    where parts[3] == "0A" && parts[1].EndsWith($":{Port:X4}", StringComparison.Ordinal)
                                                    select parts[1].Split(':')[0]];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}
