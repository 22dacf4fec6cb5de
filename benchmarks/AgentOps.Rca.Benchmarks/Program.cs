using AgentOps.Rca.Benchmarks;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine("""
        Measures AgentOps.Rca against what the parts it stands on can do by themselves, in one run on this machine.

          dotnet run -c Release --project benchmarks/AgentOps.Rca.Benchmarks -- [spans] [analysis] [artifacts] [proof] [supabase] [otlp] [recording] [--markdown FILE]

        spans      spans over HTTP into SQLite, in batches of 1,000, against prepared inserts through Microsoft.Data.Sqlite
        analysis   the trace engine over 10,000, 100,000 and 1,000,000 spans, each in a process of its own
        artifacts  upload of 1 GiB over HTTP, against sha256sum plus a copy of the same file
        proof      export and verification of a bundle of 1 GiB, against sha256sum of the same bytes; replay of 100,000 spans
        supabase   spans over HTTP into PostgreSQL against binary COPY, into PostgREST against bulk POST, a listing of a million against COPY TO
        otlp       OTLP in protobuf into memory and into SQLite, against decoding the same bytes with Google.Protobuf
        recording  what recording an activity costs its thread, and what overload does to the memory
        Without a name, all of them.
        """);
    return 0;
}

if (args is [AnalysisBenchmark.Worker, var directory])
{
    return await AnalysisBenchmark.RunWorkerAsync(directory);
}

var at = Array.IndexOf(args, "--markdown");
var markdown = at >= 0 ? args[at + 1] : null;
var names = args.Where((_, index) => at < 0 || (index != at && index != at + 1)).ToHashSet(StringComparer.Ordinal);
var report = new BenchmarkReport(args);
if (names.Count == 0 || names.Contains("spans"))
{
    await SpanIngestBenchmark.RunAsync(report);
}

if (names.Count == 0 || names.Contains("analysis"))
{
    await AnalysisBenchmark.RunAsync(report);
}

if (names.Count == 0 || names.Contains("artifacts"))
{
    await ArtifactUploadBenchmark.RunAsync(report);
}

if (names.Count == 0 || names.Contains("proof"))
{
    await ProofBenchmark.RunAsync(report);
}

if (names.Count == 0 || names.Contains("supabase"))
{
    await SupabaseBenchmark.RunAsync(report);
}

if (names.Count == 0 || names.Contains("otlp"))
{
    await OtlpBenchmark.RunAsync(report);
}

if (names.Count == 0 || names.Contains("recording"))
{
    await RecordingBenchmark.RunAsync(report);
}

if (markdown is not null)
{
    await File.WriteAllTextAsync(markdown, report.ToMarkdown());
}

return 0;
