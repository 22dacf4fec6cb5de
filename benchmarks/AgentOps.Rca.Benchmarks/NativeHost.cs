using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace AgentOps.Rca.Benchmarks;

/// <summary>The ready host as one native executable, which somebody published before, over the files of a directory: what starts with it is compiled already.</summary>
internal static class NativeHost
{
    /// <summary>Names the executable; without it, its figures are left out.</summary>
    public const string Setting = "AGENTOPS_NATIVE_HOST";

    /// <summary>The database within the directory that it works in.</summary>
    public static string Database(string directory) => Path.Combine(directory, "data", "agentops-rca.db");

    /// <summary>How long the first analysis takes over HTTP, and what the process held at most; null where no host is named.</summary>
    public static async Task<(TimeSpan Elapsed, long MiB)?> AnalyzeAsync(string directory, Guid incidentId)
    {
        if (Environment.GetEnvironmentVariable(Setting) is not { Length: > 0 } executable)
        {
            return null;
        }

        var port = FreePort();
        var start = new ProcessStartInfo(Path.GetFullPath(executable)) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}"), Timeout = TimeSpan.FromMinutes(5) };
            await AwaitHealthAsync(client);
            var watch = Stopwatch.StartNew();
            using var answer = await client.PostAsJsonAsync("/rca/analyze", new { incident_id = incidentId, engine = "trace" });
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
            var elapsed = watch.Elapsed;
            process.Refresh();
            return (elapsed, process.PeakWorkingSet64 >> 20);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            await output;
        }
    }

    private static async Task AwaitHealthAsync(HttpClient client)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var health = await client.GetAsync("/health");
                health.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (tries < 200)
            {
                await Task.Delay(50);
            }
        }
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
