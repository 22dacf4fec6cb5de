using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace AgentOps.Rca.Benchmarks;

/// <summary>The ready host beside what a .NET user would otherwise send traces to, the Aspire dashboard: start, memory, and intake of the same bytes by OTLP in protobuf.</summary>
internal static class DashboardBenchmark
{
    /// <summary>Names the dashboard's executable; without it, it is left out.</summary>
    private const string Setting = "AGENTOPS_ASPIRE_DASHBOARD";

    private const int Rounds = 3;

    public static async Task RunAsync(BenchmarkReport report)
    {
        List<(string Name, double Pace)> paces = [];
        foreach (var (name, setting, environment) in new (string, string, Func<int, (string, string)[]>)[]
        {
            ("the Aspire dashboard, in memory", Setting, static port =>
            [
                ("ASPNETCORE_URLS", Address(NativeHost.FreePort())), ("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", Address(port)), ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", Address(NativeHost.FreePort())),
                ("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", "true"),
            ]),
            ("the ready host, native, into SQLite", NativeHost.Setting, static port => [("DOTNET_ENVIRONMENT", "Development"), ("PORT", port.ToString(CultureInfo.InvariantCulture))]),
        })
        {
            if (Environment.GetEnvironmentVariable(setting) is not { Length: > 0 } executable)
            {
                report.Add($"Start, memory and intake of {name}", "not measured", $"{setting} names its executable");
                continue;
            }

            paces.Add((name, await MeasureAsync(report, name, Path.GetFullPath(executable), environment)));
        }

        if (paces is [var dashboard, var host])
        {
            report.Add("Intake of the ready host, times that of the dashboard", (host.Pace / dashboard.Pace).ToString("F1", CultureInfo.InvariantCulture), "at least 6");
        }
    }

    private static async Task<double> MeasureAsync(BenchmarkReport report, string name, string executable, Func<int, (string Name, string Value)[]> environment)
    {
        List<double> starts = [], idle = [], paces = [], held = [];
        for (var round = 0; round < Rounds; round++)
        {
            var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
            var port = NativeHost.FreePort();
            var start = new ProcessStartInfo(executable) { WorkingDirectory = directory.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var (key, value) in environment(port))
            {
                start.Environment[key] = value;
            }

            var watch = Stopwatch.StartNew();
            using var process = Process.Start(start)!;
            var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            try
            {
                using var client = new HttpClient { BaseAddress = new Uri(Address(port)), Timeout = TimeSpan.FromMinutes(5) };
                await AwaitIntakeAsync(client);
                starts.Add(watch.Elapsed.TotalMilliseconds);
                idle.Add(Memory(process));
                var bodies = ContentBenchmark.Bodies(round);
                await ContentBenchmark.SendAsync(client, [.. bodies.Take(6)]);
                paces.Add(await ContentBenchmark.SendAsync(client, [.. bodies.Skip(6)]));
                held.Add(Memory(process));
            }
            finally
            {
                process.Kill();
                await process.WaitForExitAsync();
                await output;
                directory.Delete(recursive: true);
            }
        }

        var size = new FileInfo(executable).Length / 1024.0 / 1024.0;
        report.Add($"Start of {name}, to the first export that it takes", string.Create(CultureInfo.InvariantCulture, $"{Median(starts):N0} ms"));
        report.Add($"Memory of {name}, then", string.Create(CultureInfo.InvariantCulture, $"{Median(idle):N0} MiB; its executable has {size:N0} MiB"));
        report.Add($"Spans of agents with content, 54 requests of {ContentBenchmark.BatchSize}, OTLP protobuf over HTTP, into {name}", string.Create(CultureInfo.InvariantCulture, $"{Median(paces):N0} spans/s; {Median(held):N0} MiB after them"));
        return Median(paces);
    }

    private static async Task AwaitIntakeAsync(HttpClient client)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var nothing = new ByteArrayContent([]);
                nothing.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
                using var answer = await client.PostAsync(new Uri("/v1/traces", UriKind.Relative), nothing);
                answer.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException exception) when (exception.StatusCode is null && tries < 3_000)
            {
                await Task.Delay(5);
            }
        }
    }

    private static double Memory(Process process)
    {
        process.Refresh();
        return process.WorkingSet64 / 1024.0 / 1024.0;
    }

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
