using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace AgentOps.Rca.Testing.Supabase;

/// <summary>A PostgREST of its own for one database, reached through nginx like a project's Data API. It goes with its object.</summary>
public sealed class PostgrestServer : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly string _schemas;
    private Process _process;

    private PostgrestServer(TestDatabase database, string schemas)
    {
        _database = database;
        _schemas = schemas;
        Port = TestPort.Take();
        _process = Start();
    }

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>What <c>SUPABASE_URL</c> would be: the address without <c>/rest/v1</c>.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"{SupabaseServices.Current.Gateway}/port/{Port}");

    /// <summary>Starts a server and waits until it has read the tables.</summary>
    /// <param name="database">What it serves.</param>
    /// <param name="schemas">The schemas that it shows, with commas between them.</param>
    public static async Task<PostgrestServer> StartAsync(TestDatabase database, string schemas = "public")
    {
        var server = new PostgrestServer(database, schemas);
        await server.WaitAsync();
        return server;
    }

    /// <summary>Kills it and starts it again on the same port.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _process = Start();
        await WaitAsync();
    }

    /// <summary>Kills it.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private Process Start()
    {
        var services = SupabaseServices.Current;
        var start = new ProcessStartInfo(services.PostgrestProgram) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PGRST_DB_URI"] = _database.Direct.Replace("//postgres:", "//authenticator:", StringComparison.Ordinal);
        start.Environment["PGRST_DB_SCHEMAS"] = _schemas;
        start.Environment["PGRST_DB_ANON_ROLE"] = "anon";
        start.Environment["PGRST_DB_MAX_ROWS"] = "1000";
        start.Environment["PGRST_DB_POOL"] = "8";
        start.Environment["PGRST_JWT_SECRET"] = services.JwtSecret;
        start.Environment["PGRST_LOG_LEVEL"] = "crit";
        start.Environment["PGRST_SERVER_HOST"] = "127.0.0.1";
        start.Environment["PGRST_SERVER_PORT"] = Port.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private async Task WaitAsync()
    {
        using var client = new HttpClient();
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var reply = await client.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/")));
                if (reply.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
            }

            Assert.False(_process.HasExited, "PostgREST ended at start.");
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(30), "PostgREST did not become ready.");
            await Task.Delay(30);
        }
    }
}
