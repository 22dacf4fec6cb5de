using System.Diagnostics;

namespace AgentOps.Rca.Testing.Supabase;

/// <summary>
/// The real servers: the ones that the environment names (<c>AGENTOPS_TEST_*</c>, as <c>eng/services.sh start</c> writes them to its
/// file <c>env</c>), else ones that this process starts and stops by itself when their programs are installed.
/// </summary>
public sealed class SupabaseServices : IAsyncDisposable
{
    private const string Prefix = "AGENTOPS_TEST_";

    private static readonly Lazy<SupabaseServices> Started = new(Start);

    private readonly Dictionary<string, string> _settings;
    private readonly bool _isOwn;

    private SupabaseServices(Dictionary<string, string> settings, string? missing, bool isOwn = false)
    {
        _settings = settings;
        _isOwn = isOwn;
        Missing = missing;
    }

    /// <summary>The servers of this test run.</summary>
    public static SupabaseServices Current => Started.Value;

    /// <summary>What is missing to run them, or null when they run.</summary>
    public string? Missing { get; }

    /// <summary>The owner's connection to PostgreSQL, as a URI.</summary>
    public string Postgres => this["POSTGRES"];

    /// <summary>The same through PgBouncer in transaction mode.</summary>
    public string PgBouncer => this["PGBOUNCER"];

    /// <summary>Where nginx listens in the role of the API gateway.</summary>
    public string Gateway => this["GATEWAY"];

    /// <summary>The directory of the servers' data and logs.</summary>
    public string Directory => this["SERVICES_DIR"];

    /// <summary>A key of the role service_role, in the form of a token.</summary>
    public string ServiceKey => this["SERVICE_KEY"];

    /// <summary>A key of the role anon, in the form of a token.</summary>
    public string AnonKey => this["ANON_KEY"];

    /// <summary>The environment that names these servers to a test run.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    internal string PostgrestProgram => this["POSTGREST_BIN"];

    internal string JwtSecret => this["JWT_SECRET"];

    private string this[string name] => _settings[Prefix + name];

    /// <summary>Skips the running test, saying what is missing, or fails it when everything is required.</summary>
    public void Require()
    {
        if (Missing is null)
        {
            return;
        }

        var sentence = $"The servers of Supabase cannot be started here. Missing: {Missing}. Run eng/services.sh install.";
        if (Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1")
        {
            Assert.Fail(sentence);
        }

        Assert.Skip(sentence);
    }

    /// <summary>Starts servers of the test's own, which it may stop and kill; they go with the object.</summary>
    public static async Task<SupabaseServices> StartOwnAsync()
    {
        Current.Require();
        var directory = System.IO.Directory.CreateTempSubdirectory("agentops-services-").FullName;
        var (exitCode, output) = await Task.Run(() => Run("start", directory));
        return exitCode == 0
            ? new SupabaseServices(ReadSettings(directory), missing: null, isOwn: true)
            : throw new InvalidOperationException($"eng/services.sh start failed: {output}");
    }

    /// <summary>Starts one server again, on the port it had, and again when what is left of it is still in the way.</summary>
    /// <param name="service">Which one.</param>
    public async Task RestartAsync(string service)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (exitCode, output) = await Task.Run(() => Run("start", Directory, service));
            if (exitCode == 0)
            {
                return;
            }

            Assert.True(attempt < 20, $"{service} did not start again: {output}");
            await Task.Delay(200);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isOwn)
        {
            await Task.Run(() => Run("stop", Directory));
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    /// <summary>Stops one server: <c>postgres</c> (fast, immediate or kill), <c>pgbouncer</c>, <c>postgrest</c> or <c>nginx</c>.</summary>
    /// <param name="service">Which one.</param>
    /// <param name="mode">How.</param>
    public Task StopAsync(string service, string mode = "fast") => Task.Run(() => Run("stop", Directory, service, mode));

    /// <summary>Starts one server again, on the port it had.</summary>
    /// <param name="service">Which one.</param>
    public Task StartAsync(string service) => Task.Run(() => Run("start", Directory, service));

    private static SupabaseServices Start()
    {
        if (Environment.GetEnvironmentVariable(Prefix + "POSTGRES") is not null)
        {
            return new SupabaseServices(
                Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
                    .Where(entry => ((string)entry.Key).StartsWith(Prefix, StringComparison.Ordinal))
                    .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!),
                missing: null);
        }

        var (exitCode, missing) = Run("check");
        if (exitCode != 0)
        {
            return new SupabaseServices([], string.Join(", ", missing.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        }

        var directory = System.IO.Directory.CreateTempSubdirectory("agentops-services-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            Run("stop", directory);
            System.IO.Directory.Delete(directory, recursive: true);
        };
        var (started, output) = Run("start", directory);
        return started != 0
            ? throw new InvalidOperationException($"eng/services.sh start failed: {output}")
            : new SupabaseServices(ReadSettings(directory), missing: null);
    }

    private static Dictionary<string, string> ReadSettings(string directory) =>
        File.ReadAllLines(Path.Combine(directory, "env")).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    private static (int ExitCode, string Output) Run(params string[] arguments)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "AgentOps.Rca.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        // The servers inherit the script's output, so it must go to a file: a pipe would stay open as long as they run.
        var log = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(new ProcessStartInfo(
                "/bin/bash", ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "bash", log, Path.Combine(root.FullName, "eng/services.sh"), .. arguments]))!;
            process.WaitForExit();
            return (process.ExitCode, File.ReadAllText(log));
        }
        finally
        {
            File.Delete(log);
        }
    }
}
