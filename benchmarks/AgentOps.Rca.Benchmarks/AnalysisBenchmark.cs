using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.LanguageModel;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Sqlite;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Tokenizers;

namespace AgentOps.Rca.Benchmarks;

/// <summary>A whole analysis out of a SQLite file: loading, index, engine, and the recording of the report.</summary>
internal static class AnalysisBenchmark
{
    public const string Worker = "analysis-worker";

    /// <summary>Fills a directory alone, so that a profiler can watch the worker alone.</summary>
    public const string Filler = "analysis-filler";

    public static readonly Guid IncidentId = new("6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a09");
    private const int Million = 1_000_000;

    private static readonly int[] Sizes = [10_000, 100_000, Million, 5 * Million];

    public static async Task RunAsync(BenchmarkReport report)
    {
        var ofMillion = 0d;
        foreach (var size in Sizes)
        {
            var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
            try
            {
                // Peak memory is a process's own, so each analysis has a process, and the one that fills the store is another.
                await FillAsync(directory.FullName, size);
                var (seconds, memory, _) = await AnalyzeAsync(directory.FullName, "trace");
                report.Add(
                    string.Create(CultureInfo.InvariantCulture, $"Analysis of {size:N0} spans out of SQLite"),
                    $"{seconds} s, {memory} MiB at most",
                    Aim(size));
                var ofSpan = double.Parse(seconds, CultureInfo.InvariantCulture) / size;
                if (size > Million)
                {
                    report.AddAtMost(
                        string.Create(CultureInfo.InvariantCulture, $"Time for each of {size:N0} spans against that of {Million:N0}"), ofSpan / ofMillion, aim: 1.1, recorded: 1.1);
                    continue;
                }

                ofMillion = ofSpan;
                if (await NativeHost.AnalyzeAsync(directory.FullName, IncidentId) is var (elapsed, most))
                {
                    report.Add(
                        string.Create(CultureInfo.InvariantCulture, $"The first analysis of {size:N0} spans by the native host, over HTTP"),
                        string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds:F2} s, {most} MiB at most"),
                        Aim(size));
                }

                if (size == Million)
                {
                    (seconds, memory, var tokens) = await AnalyzeAsync(directory.FullName, "llm");
                    report.Add(
                        string.Create(CultureInfo.InvariantCulture, $"The same {size:N0} spans with the language-model engine, the model answering at once"),
                        $"{seconds} s, {memory} MiB at most", "inside 1 GiB");
                    report.Add(
                        "Tokens of that prompt and its schema, counted with o200k_base, the vocabulary of gpt-oss",
                        tokens, string.Create(CultureInfo.InvariantCulture, $"at most {new LanguageModelOptions().MaxPromptTokens:N0}"));
                }
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        }
    }

    private static string Aim(int size) => size switch { 100_000 => "under 2 s", Million => "at most 5 s and 350 MiB", _ => "" };

    private static async Task<(string Seconds, string MiB, string Tokens)> AnalyzeAsync(string directory, string engine)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Worker, directory, engine]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = (await process.StandardOutput.ReadToEndAsync()).Trim().Split(';');
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? (output[0], output[1], output[2]) : throw new InvalidOperationException($"The analysis by {engine} failed.");
    }

    /// <summary>Analyses what lies in a directory, first of all, in this process: what starts with it counts.</summary>
    public static async Task<int> RunWorkerAsync(string directory, string engine)
    {
        var model = new SilentModel();
        var services = new ServiceCollection();
        services.AddAgentOpsRca(options =>
        {
            options.DataDirectory = directory;
            options.ArtifactDirectory = Path.Combine(directory, "artifacts");
        }).UseSqlite(NativeHost.Database(directory)).UseChatClient(_ => model);
        await using var provider = services.BuildServiceProvider();
        using var process = Process.GetCurrentProcess();
        var watch = Stopwatch.StartNew();
        var outcome = await provider.GetRequiredService<IRcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = IncidentId, Engine = engine });
        watch.Stop();
        if (outcome is not RcaOutcome.Completed || model.Asked != (engine == "llm"))
        {
            Console.Error.WriteLine($"{outcome}, model asked: {model.Asked}");
            return 1;
        }

        process.Refresh();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{watch.Elapsed.TotalSeconds:F2};{process.PeakWorkingSet64 >> 20};{model.CountTokens():N0}"));
        return 0;
    }

    /// <summary>A model that names no cause, and keeps what it was asked.</summary>
    private sealed class SilentModel : IChatClient
    {
        private string _prompt = "";

        public bool Asked => _prompt.Length > 0;

        public int CountTokens() => Asked ? TiktokenTokenizer.CreateForEncoding("o200k_base").CountTokens(_prompt) : 0;

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var schema = options?.ResponseFormat is ChatResponseFormatJson { Schema: { } json } ? json.GetRawText() : "";
            _prompt = string.Join('\n', messages.Select(message => message.Text).Append(schema));
            return Task.FromResult(new ChatResponse(
                new ChatMessage(ChatRole.Assistant, """{"hypotheses":[],"contributing_factors":[],"recommendations":[]}""")));
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            {
                yield return update;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    public static async Task FillAsync(string directory, int size)
    {
        var incident = new Incident
        {
            Id = IncidentId,
            OrderId = "A-1",
            ProblemType = "late_delivery",
            CreatedTs = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        };
        Directory.CreateDirectory(Path.GetDirectoryName(NativeHost.Database(directory))!);
        await using var stores = new SqliteStores(NativeHost.Database(directory));
        await stores.Incidents.AddAsync(incident);
        foreach (var batch in Enumerable.Range(0, size).Chunk(5_000))
        {
            await stores.Spans.AddAsync([.. batch.Select(number => SpanRows.Make(number, incident.Id.ToString("D")))]);
        }
    }
}
