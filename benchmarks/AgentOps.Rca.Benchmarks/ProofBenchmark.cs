using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Benchmarks;

/// <summary>Export and verification of a bundle of 1 GiB against <c>sha256sum</c> of the same bytes, and the replay of 100,000 spans.</summary>
internal static class ProofBenchmark
{
    private const int Artifacts = 16;

    public static async Task RunAsync(BenchmarkReport report)
    {
        var (size, spans) = (report.Of(64 << 20, 8 << 20), report.Of(100_000, 20_000));
        var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
        try
        {
            var file = Path.Combine(directory.FullName, "bundle.zip");
            using var bench = await Bench.CreateAsync(new FileSystemArtifactContentStore(Path.Combine(directory.FullName, "artifacts")));
            await bench.FillWithArtifactsAsync(size);
            var (exported, exportGrowth) = await MeasureAsync(() => bench.ExportAsync(file));
            var (verified, verifyGrowth) = await MeasureAsync(() => bench.VerifyAsync(file));
            var (imported, importGrowth) = await MeasureAsync(() => bench.ImportAsync(file, Path.Combine(directory.FullName, "imported")));
            var (summed, _) = await MeasureAsync(() => SumAsync(file));
            report.Add($"Export of a bundle of {Artifacts * (size >> 20):N0} MiB", Seconds(exported));
            report.Add("Its verification", Seconds(verified));
            report.Add("Its import into another store", Seconds(imported));
            report.Add("`sha256sum` of the bundle", Seconds(summed));
            report.AddAtMost("Export against `sha256sum`", exported / summed, aim: 1.1, recorded: 2.2);
            report.AddAtMost("Verification against `sha256sum`", verified / summed, aim: 0.4, recorded: 0.65);
            report.Add(
                "Growth of the process's memory, export, verification and import",
                $"{exportGrowth >> 20}, {verifyGrowth >> 20} and {importGrowth >> 20} MiB", "under 128 MiB");
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        using var replay = await Bench.CreateAsync(new InMemoryArtifactContentStore());
        await replay.FillWithSpansAsync(spans);
        var (replayed, _) = await MeasureAsync(replay.ReplayAsync);
        report.Add($"Strict replay of {spans:N0} spans with 2,000 artifacts, in memory", Seconds(replayed), report.IsShort ? "" : "under 3 s");
    }

    private static async Task SumAsync(string file)
    {
        using var process = Process.Start(new ProcessStartInfo("sha256sum", [file]) { RedirectStandardOutput = true })!;
        await process.WaitForExitAsync();
    }

    private static async Task<(double Seconds, long Growth)> MeasureAsync(Func<Task> run)
    {
        GC.Collect();
        var before = WorkingSet();
        using var stop = new CancellationTokenSource();
        var peak = WatchPeakAsync(stop.Token);
        var watch = Stopwatch.StartNew();
        await run();
        var seconds = watch.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        return (seconds, Math.Max(0, await peak - before));
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

    private static string Seconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:F2} s");

    private sealed class Bench : ISigningKeyProvider, IDisposable
    {
        private static readonly DateTimeOffset Opened = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        private readonly Incident _incident = new() { Id = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), OrderId = "o", ProblemType = "p", CreatedTs = Opened };
        private readonly InMemoryIncidentStore _incidents = new();
        private readonly InMemorySpanStore _spans = new();
        private readonly ArtifactVault _vault;
        private readonly SigningKey _key = SigningKey.Generate();
        private readonly IRcaEngine[] _engines = [];

        private Bench(IArtifactContentStore contents) => _vault = new ArtifactVault(new InMemoryArtifactStore(), contents, TimeProvider.System);

        public static async Task<Bench> CreateAsync(IArtifactContentStore contents)
        {
            var bench = new Bench(contents);
            await bench._incidents.AddAsync(bench._incident);
            return bench;
        }

        public async Task FillWithArtifactsAsync(int size)
        {
            var random = new Random(1);
            var content = new byte[size];
            for (var i = 0; i < Artifacts; i++)
            {
                random.NextBytes(content);
                await AddAsync(i, await PutAsync(content));
            }
        }

        public async Task FillWithSpansAsync(int size)
        {
            var digests = new List<string>();
            for (var i = 0; i < 2_000; i++)
            {
                digests.Add(await PutAsync(BitConverter.GetBytes(i)));
            }

            for (var i = 0; i < size; i++)
            {
                await AddAsync(i, digests[i % digests.Count]);
            }
        }

        public async Task ExportAsync(string path)
        {
            await using var export = (await new BundleExporter(_incidents, _spans, _vault, _engines, this).PrepareAsync(_incident.Id))!;
            await using var file = File.Create(path);
            await export.WriteToAsync(file);
        }

        public async Task VerifyAsync(string path)
        {
            await using var file = File.OpenRead(path);
            if (await new BundleVerifier(_engines, this).VerifyAsync(file) is not BundleVerificationOutcome.Verified { Verification.Valid: true })
            {
                throw new InvalidOperationException("The bundle is not valid.");
            }
        }

        public async Task ImportAsync(string path, string directory)
        {
            await using var file = File.OpenRead(path);
            var importer = new BundleImporter(
                new InMemoryIncidentStore(), new InMemorySpanStore(), new InMemoryArtifactStore(), new FileSystemArtifactContentStore(directory), this);
            if (await importer.ImportAsync(file) is not BundleImportOutcome.Imported { Import.ArtifactsAdded: Artifacts })
            {
                throw new InvalidOperationException("The bundle was not imported.");
            }
        }

        public async Task ReplayAsync()
        {
            if ((await new StrictReplayer(_incidents, _spans, _vault, _engines).ReplayAsync(_incident.Id))!.Verdict != ReplayVerdict.Reproduced)
            {
                throw new InvalidOperationException("The replay is not reproduced.");
            }
        }

        public void Dispose() => _key.Dispose();

        public ValueTask<SigningKey> GetSigningKeyAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(_key);

        public ValueTask<IReadOnlyCollection<VerificationKey>> GetTrustedKeysAsync(CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IReadOnlyCollection<VerificationKey>>([_key.Public]);

        private async Task<string> PutAsync(byte[] content) =>
            (await _vault.PutAsync(content, "application/octet-stream")).Artifact.Digest.ToString();

        private async Task AddAsync(int number, string digest) => await _spans.AddAsync([new Span
        {
            SpanId = number.ToString("d8", CultureInfo.InvariantCulture),
            ParentId = number == 0 ? null : (number / 2).ToString("d8", CultureInfo.InvariantCulture),
            Tool = "tool.call/work",
            StartTs = 1_000_000 + number,
            EndTs = 1_000_001 + number,
            ResultDigest = digest,
            IncidentId = _incident.Id.ToString("D"),
        }]);
    }
}
