using System.Diagnostics;
using Npgsql;

namespace AgentOps.Rca.Benchmarks;

/// <summary>PostgreSQL, PostgREST and its gateway for one run of the benchmarks.</summary>
internal sealed class BenchmarkServers : IAsyncDisposable
{
    private readonly string _directory;
    private readonly Dictionary<string, string> _settings;

    private BenchmarkServers(string directory)
    {
        _directory = directory;
        _settings = File.ReadAllLines(Path.Combine(directory, "env")).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    public string Postgres => _settings["AGENTOPS_TEST_POSTGRES"];

    public string Gateway => _settings["AGENTOPS_TEST_GATEWAY"];

    public static async Task<BenchmarkServers> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-").FullName;
        await RunAsync("install");
        await RunAsync("start", directory);
        return new BenchmarkServers(directory);
    }

    /// <summary>Runs SQL as the administrator, whose checkpoints keep one side's writes out of the other side's time.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync(Postgres, "supabase_admin");
        foreach (var statement in sql.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 600 };
            await command.ExecuteNonQueryAsync();
        }
    }

    public static async Task<NpgsqlConnection> OpenAsync(string address, string? user = null)
    {
        var uri = new Uri(address);
        var owner = uri.UserInfo.Split(':', 2);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Username = user ?? owner[0],
            Password = owner[1],
            Database = uri.AbsolutePath.Trim('/'),
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync("stop", _directory);
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>The path of a file of the repository.</summary>
    /// <param name="name">Its path within it.</param>
    public static string FileOf(string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "AgentOps.Rca.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The benchmarks run outside of the repository.");
        }

        return Path.Combine(root.FullName, name);
    }

    private static async Task RunAsync(params string[] arguments)
    {
        // The servers inherit the script's output; a pipe would stay open as long as they run.
        using var process = Process.Start(new ProcessStartInfo(
            "/bin/bash", ["-c", "exec \"$@\" >/dev/null </dev/null", "bash", FileOf("eng/services.sh"), .. arguments]))!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"eng/services.sh {arguments[0]} failed.");
        }
    }
}
