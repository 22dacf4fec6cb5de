using System.Globalization;
using AgentOps.Rca.Benchmarks;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine("""
        Measures AgentOps.Rca against what the parts it stands on can do by themselves, in one run on this machine.

          dotnet run -c Release --project benchmarks/AgentOps.Rca.Benchmarks -- [spans] [analysis] [artifacts] [proof] [repeated] [supabase] [otlp] [content] [content-postgres] [recording] [embedding] [reading] [reading-postgres] [scale] [dashboard] [--short] [--markdown FILE]

        spans      spans over HTTP into SQLite, in batches of 1,000, against prepared inserts through Microsoft.Data.Sqlite
        analysis   the engines over 10,000, 100,000, 1,000,000 and 5,000,000 spans, each in a process of its own, and the tokens of the largest prompt;
                   where AGENTOPS_NATIVE_HOST names a published host (dotnet publish samples/WebHost), in that, too
        artifacts  upload of 1 GiB over HTTP, against sha256sum plus a copy of the same file
        proof      export and verification of a bundle of 1 GiB, against sha256sum of the same bytes; replay of 100,000 spans
        repeated   strict replay and bundle of an incident of 300,000 spans that was analysed ten times, against one of the analyses
        supabase   spans over HTTP into PostgreSQL against binary COPY, into PostgREST against bulk POST, a listing of a million against COPY TO
        otlp       OTLP in protobuf into memory and into SQLite, against decoding the same bytes with Google.Protobuf
        content    spans of agents with their messages, arguments and results, OTLP in protobuf over HTTP into SQLite, and what lies on the disk then
        content-postgres   the same into PostgreSQL and through PostgREST
        recording  what recording an activity costs its thread, and what overload does to the memory
        embedding  what AddAgentOpsRca() adds to the start of an application
        reading    incident, figures, timeline, steps and overview over HTTP, of 10,000, 100,000 and 1,000,000 spans in SQLite, the first look and
                   those after it
        reading-postgres   the same in PostgreSQL
        scale      intake into PostgreSQL with 0, 1 and 5 million spans there before (AGENTOPS_SCALE_MILLIONS=0,10,50 takes others), in one table and in
                   partitions, retention, and 1, 2 and 4 hosts
        dashboard  start, memory and intake of spans with content of the ready host (AGENTOPS_NATIVE_HOST names the published one) and of the Aspire dashboard
                   (AGENTOPS_ASPIRE_DASHBOARD names the executable in the package Aspire.Dashboard.Sdk.…), the same bytes
        Without a name, all of them.

        --short    spans, artifacts, proof, repeated, supabase, otlp and content with fewer rows and rounds, about a minute: it ends with 1 where a
                   ratio is worse by a factor of two than the one that was recorded on a quiet machine, and is so again when it is measured again
        """);
    return 0;
}

if (args is [AnalysisBenchmark.Worker, var directory, var engine])
{
    return await AnalysisBenchmark.RunWorkerAsync(directory, engine);
}

if (args is [ScaleBenchmark.Host, var address])
{
    return await ScaleBenchmark.RunHostAsync(address);
}

if (args is [EmbeddingBenchmark.Worker])
{
    await EmbeddingBenchmark.RunWorkerAsync();
    return 0;
}

if (args is [AnalysisBenchmark.Filler, var into, var size])
{
    await AnalysisBenchmark.FillAsync(into, int.Parse(size, CultureInfo.InvariantCulture));
    return 0;
}

(string Name, Func<BenchmarkReport, Task> Run)[] benchmarks =
[
    ("spans", SpanIngestBenchmark.RunAsync),
    ("analysis", AnalysisBenchmark.RunAsync),
    ("artifacts", ArtifactUploadBenchmark.RunAsync),
    ("proof", ProofBenchmark.RunAsync),
    ("repeated", RepeatedAnalysisBenchmark.RunAsync),
    ("supabase", SupabaseBenchmark.RunAsync),
    ("otlp", OtlpBenchmark.RunAsync),
    ("content", ContentBenchmark.RunOnSqliteAsync),
    ("content-postgres", ContentBenchmark.RunOnPostgresAsync),
    ("recording", RecordingBenchmark.RunAsync),
    ("embedding", EmbeddingBenchmark.RunAsync),
    ("reading", ReadingBenchmark.RunOnSqliteAsync),
    ("reading-postgres", ReadingBenchmark.RunOnPostgresAsync),
    ("scale", ScaleBenchmark.RunAsync),
    ("dashboard", DashboardBenchmark.RunAsync),
];
var at = Array.IndexOf(args, "--markdown");
if (at >= 0 && at == args.Length - 1)
{
    Console.Error.WriteLine("--markdown needs the file to write.");
    return 2;
}

var markdown = at >= 0 ? args[at + 1] : null;
var isShort = Array.IndexOf(args, "--short") >= 0;
var names = args.Where((arg, index) => arg != "--short" && (at < 0 || (index != at && index != at + 1))).ToHashSet(StringComparer.Ordinal);
if (isShort && names.Count == 0)
{
    names = ["spans", "artifacts", "proof", "repeated", "supabase", "otlp", "content"];
}

if (names.FirstOrDefault(name => !Array.Exists(benchmarks, benchmark => benchmark.Name == name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark {unknown}; --help lists them.");
    return 2;
}

var report = new BenchmarkReport(args, isShort);
List<string> falls = [];
foreach (var (_, run) in benchmarks.Where(benchmark => names.Count == 0 || names.Contains(benchmark.Name)))
{
    var before = report.Falls.Count;
    await run(report);
    if (report.Falls.Count > before)
    {
        // What else the machine had to do may have caused it; code that has become slow is slow again.
        var again = new BenchmarkReport(args, isShort);
        await run(again);
        falls.AddRange(report.Falls.Skip(before).Intersect(again.Falls));
    }
}

if (markdown is not null)
{
    await File.WriteAllTextAsync(markdown, report.ToMarkdown());
}

foreach (var fall in falls)
{
    Console.Error.WriteLine($"Twice as bad as recorded, two times: {fall}");
}

return falls.Count == 0 ? 0 : 1;
