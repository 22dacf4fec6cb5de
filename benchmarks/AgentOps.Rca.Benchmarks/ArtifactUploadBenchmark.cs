using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace AgentOps.Rca.Benchmarks;

/// <summary>Upload of 1 GiB over HTTP against what anyone would do by hand: <c>sha256sum</c> and a copy that is on the disk.</summary>
internal static class ArtifactUploadBenchmark
{
    private const int Rounds = 3;

    public static async Task RunAsync(BenchmarkReport report)
    {
        var size = report.Of(1 << 30, 128 << 20);
        var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
        try
        {
            var file = Path.Combine(directory.FullName, "content");
            await MakeFileAsync(file, size);
            var byHand = new List<double>();
            var uploads = new List<double>();
            var growth = new List<long>();
            for (var round = 0; round < Rounds; round++)
            {
                byHand.Add(await ByHandAsync(directory.FullName));
                var (seconds, grown) = await UploadAsync(file);
                uploads.Add(seconds);
                growth.Add(grown);
            }

            report.Add($"Upload of {size >> 20:N0} MiB over HTTP, durable and with its row", Seconds(Median(uploads)));
            report.Add("`sha256sum FILE && cp FILE COPY && sync COPY` of the same file", Seconds(Median(byHand)));
            report.AddAtMost("Upload against doing so by hand, median of the rounds", Median([.. uploads.Zip(byHand, (upload, hand) => upload / hand)]), aim: 2, recorded: 0.8);
            report.Add("Growth of the process's memory during the upload, client and server together", $"{growth.Max() >> 20} MiB", "under 64 MiB");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task MakeFileAsync(string path, long size)
    {
        var random = new Random(1);
        var block = new byte[1 << 20];
        await using var file = File.Create(path);
        for (long written = 0; written < size; written += block.Length)
        {
            random.NextBytes(block);
            await file.WriteAsync(block);
        }
    }

    private static async Task<double> ByHandAsync(string directory)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "sha256sum content >/dev/null && cp content copy && sync copy"])
        {
            WorkingDirectory = directory,
        })!;
        await process.WaitForExitAsync();
        var seconds = watch.Elapsed.TotalSeconds;
        File.Delete(Path.Combine(directory, "copy"));
        return seconds;
    }

    private static async Task<(double Seconds, long Growth)> UploadAsync(string path)
    {
        await using var host = await BenchmarkHost.StartAsync();
        using (var warm = new ByteArrayContent(new byte[1 << 20]))
        {
            (await PostAsync(host, warm)).Dispose();
        }

        GC.Collect();
        var before = WorkingSet();
        using var stop = new CancellationTokenSource();
        var peak = WatchPeakAsync(stop.Token);
        await using var file = File.OpenRead(path);
        using var content = new StreamContent(file, 1 << 18);
        var watch = Stopwatch.StartNew();
        using var response = await PostAsync(host, content);
        var seconds = watch.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        return (seconds, Math.Max(0, await peak - before));
    }

    private static async Task<HttpResponseMessage> PostAsync(BenchmarkHost host, HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var response = await host.Client.PostAsync(new Uri("/artifacts", UriKind.Relative), content);
        return response.EnsureSuccessStatusCode();
    }

    private static async Task<long> WatchPeakAsync(CancellationToken stop)
    {
        long peak = 0;
        while (!stop.IsCancellationRequested)
        {
            peak = Math.Max(peak, WorkingSet());
            await Task.Delay(20, CancellationToken.None);
        }

        return peak;
    }

    private static long WorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Seconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:F2} s");
}
