using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Analysis;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Benchmarks;

/// <summary>What <c>AddAgentOpsRca()</c> adds to the start of an application, each time in a process of its own in which nothing of the library has run.</summary>
internal static class EmbeddingBenchmark
{
    /// <summary>The argument with which this program is such a process.</summary>
    public const string Worker = "embedding-worker";

    private const int Rounds = 7;

    public static async Task RunAsync(BenchmarkReport report)
    {
        List<double> added = [], resolved = [];
        for (var round = 0; round < Rounds; round++)
        {
            using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, Worker) { RedirectStandardOutput = true })!;
            var words = (await process.StandardOutput.ReadToEndAsync()).Split();
            await process.WaitForExitAsync();
            added.Add(double.Parse(words[0], CultureInfo.InvariantCulture));
            resolved.Add(double.Parse(words[1], CultureInfo.InvariantCulture));
        }

        report.Add("AddAgentOpsRca() in an application that starts, compiled as it runs", Text(added), "at most 15 ms");
        report.Add("The analyzer and its stores, when they are asked for the first time", Text(resolved));
    }

    /// <summary>Measures once, and prints the milliseconds of both.</summary>
    public static async Task RunWorkerAsync()
    {
        // An application has services of its own before.
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOptions();
        services.AddHttpClient();
        await using (var own = services.BuildServiceProvider())
        {
            _ = own.GetRequiredService<IHttpClientFactory>();
        }

        var watch = Stopwatch.StartNew();
        services.AddAgentOpsRca(static options => options.DataDirectory = Path.GetTempPath());
        var added = watch.Elapsed.TotalMilliseconds;
        watch.Restart();
        await using var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<IRcaAnalyzer>();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{added:F2} {watch.Elapsed.TotalMilliseconds:F2}"));
    }

    private static string Text(List<double> values) =>
        string.Create(CultureInfo.InvariantCulture, $"{values.Order().ElementAt(values.Count / 2):F1} ms, {values.Min():F1} to {values.Max():F1} in {values.Count} processes");
}
