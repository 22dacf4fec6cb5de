using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Benchmarks.Otlp;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Sqlite;
using AgentOps.Rca.Storage.InMemory;
using Google.Protobuf;

namespace AgentOps.Rca.Benchmarks;

/// <summary>OTLP in protobuf into memory and into SQLite, against decoding the same bytes with Google.Protobuf and throwing them away.</summary>
internal static class OtlpBenchmark
{
    private const int BatchSize = 512;
    private const int Workers = 2;

    public static async Task RunAsync(BenchmarkReport report)
    {
        var batches = report.Of(200, 40);
        var bodies = Enumerable.Range(0, batches).Select(Body).ToArray();
        List<double> decoded = [];
        List<double> mapped = [];
        List<double> memory = [];
        List<double> sqlite = [];
        List<double> prepared = [];
        List<double> plain = [];
        var rows = await MapAsync(bodies);
        for (var round = 0; round <= report.Of(11, 5); round++)
        {
            var decode = await DecodeAsync(bodies);
            var nowhere = await TakeAsync(bodies, new DiscardingSpanStore());
            var intoMemory = await TakeAsync(bodies, new InMemorySpanStore());
            var intoSqlite = await IntoSqliteAsync(bodies);
            var inserted = await PreparedInserts.RunAsync(rows, BatchSize);
            var withoutKeys = await PreparedInserts.RunAsync(rows, BatchSize, withKeys: false);
            if (round > 0)
            {
                // The first round warms the code up and does not count.
                decoded.Add(decode);
                mapped.Add(nowhere);
                memory.Add(intoMemory);
                sqlite.Add(intoSqlite);
                prepared.Add(inserted);
                plain.Add(withoutKeys);
            }
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"OTLP protobuf, {batches} requests of {BatchSize} spans ({bodies[0].Length / BatchSize} bytes each), {Workers} at a time");
        report.Add($"{name}, mapped and not stored", Rate(Median(mapped)));
        report.Add($"{name}, into memory", Rate(Median(memory)));
        report.Add($"{name}, into SQLite", Rate(Median(sqlite)));
        report.Add("The same bytes decoded with Google.Protobuf and thrown away", Rate(Median(decoded)));
        report.Add("The same spans, mapped before, by prepared inserts through Microsoft.Data.Sqlite, same tables, one transaction a request", Rate(Median(prepared)));
        report.Add("The same inserts into one table without a key or an index, in which nothing can be found", Rate(Median(plain)));
        report.Add("Mapped and not stored against decoding", Text(Ratio(mapped, decoded)));
        report.AddAtLeast("OTLP into memory against decoding", Ratio(memory, decoded), aim: 0.5, recorded: 0.8);
        report.AddAtLeast("OTLP into SQLite against prepared inserts of the same spans", Ratio(sqlite, prepared), aim: 0.85, recorded: 0.65);
        report.Add("OTLP into SQLite against decoding", Text(Ratio(sqlite, decoded)));
        report.Add("The prepared inserts alone against decoding", Text(Ratio(prepared, decoded)));
        report.Add("The inserts without a key or an index against decoding", Text(Ratio(plain, decoded)));
    }

    private static async Task<double> DecodeAsync(byte[][] bodies)
    {
        var count = 0;
        var watch = Stopwatch.StartNew();
        await ForEachAsync(bodies, body =>
        {
            Interlocked.Add(ref count, TraceRequest.Parser.ParseFrom(body).ResourceSpans[0].ScopeSpans[0].Spans.Count);
            return ValueTask.CompletedTask;
        });
        return count / watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> TakeAsync(byte[][] bodies, ISpanStore spans)
    {
        var vault = new ArtifactVault(new InMemoryArtifactStore(), new InMemoryArtifactContentStore(), TimeProvider.System);
        var intake = new OtlpIntake(new SpanIntake(spans), vault);
        var count = 0L;
        var watch = Stopwatch.StartNew();
        await ForEachAsync(bodies, async body => Interlocked.Add(ref count, (await intake.TakeTracesAsync(body, OtlpEncoding.Protobuf)).Added));
        return count == bodies.Length * BatchSize ? count / watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{count} spans arrived.");
    }

    /// <summary>The spans of these requests, whose content lies elsewhere.</summary>
    internal static async Task<List<Span>> MapAsync(byte[][] bodies)
    {
        var spans = new InMemorySpanStore();
        await TakeAsync(bodies, spans);
        return await spans.ListAsync(new SpanQuery()).ToListAsync();
    }

    private static async Task<double> IntoSqliteAsync(byte[][] bodies)
    {
        var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
        try
        {
            await using var stores = new SqliteStores(Path.Combine(directory.FullName, "otlp.db"));
            return await TakeAsync(bodies, stores.Spans);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static Task ForEachAsync(byte[][] bodies, Func<byte[], ValueTask> work) =>
        Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = Workers }, (body, _) => work(body));

    // Spans as a service's instrumentation sends them: eight attributes and, now and then, an exception.
    private static byte[] Body(int batch)
    {
        var scope = new ScopeSpans { Scope = new Scope { Name = "order-agent", Version = "1.2.3" } };
        for (var i = 0; i < BatchSize; i++)
        {
            var number = (batch * BatchSize) + i;
            var span = new SpanRecord
            {
                TraceId = Id(16, number / 20),
                SpanId = Id(8, number),
                ParentSpanId = number % 20 == 0 ? ByteString.Empty : Id(8, number / 20 * 20),
                Name = "POST /shipments",
                Kind = 3,
                StartTimeUnixNano = 1_767_225_600_000_000_000 + (ulong)number,
                EndTimeUnixNano = 1_767_225_600_050_000_000 + (ulong)number,
                Status = new Status { Code = number % 50 == 7 ? 2 : 0 },
            };
            span.Attributes.Add(Text("http.request.method", "POST"));
            span.Attributes.Add(Text("url.full", $"https://carrier.example.com/shipments/{number}"));
            span.Attributes.Add(Text("server.address", "carrier.example.com"));
            span.Attributes.Add(Number("server.port", 443));
            span.Attributes.Add(Number("http.response.status_code", number % 50 == 7 ? 429 : 201));
            span.Attributes.Add(Text("network.protocol.version", "1.1"));
            span.Attributes.Add(Text("order.id", $"A-{number % 1000}"));
            span.Attributes.Add(Number("attempt", number % 3));
            if (number % 50 == 7)
            {
                var happened = new Event { Name = "exception", TimeUnixNano = span.EndTimeUnixNano };
                happened.Attributes.Add(Text("exception.type", "RateLimited"));
                happened.Attributes.Add(Text("exception.message", "Account limit of 40 shipments an hour reached."));
                span.Events.Add(happened);
            }

            scope.Spans.Add(span);
        }

        var resource = new Resource();
        resource.Attributes.Add(Text("service.name", "order-service"));
        resource.Attributes.Add(Text("service.instance.id", "worker-1"));
        return new TraceRequest { ResourceSpans = { new ResourceSpans { Resource = resource, ScopeSpans = { scope } } } }.ToByteArray();
    }

    internal static ByteString Id(int length, int number)
    {
        var bytes = new byte[length];
        bytes[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(length - 4), number);
        return ByteString.CopyFrom(bytes);
    }

    internal static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    internal static KeyValue Number(string key, long value) => new() { Key = key, Value = new AnyValue { IntValue = value } };

    private sealed class DiscardingSpanStore : ISpanStore
    {
        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(new SpanWriteResult(spans.Count, 0, []));

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => ValueTask.FromResult<Span?>(null);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<Span>();
    }

    private static double Ratio(List<double> ours, List<double> theirs) => Median([.. ours.Zip(theirs, static (our, their) => our / their)]);

    private static string Text(double ratio) => ratio.ToString("F2", CultureInfo.InvariantCulture);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Rate(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:N0} spans/s");
}
