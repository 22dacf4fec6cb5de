using System.Diagnostics;
using System.Text;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.OpenTelemetry;

/// <summary>
/// Bytes that are nearly OTLP: whatever comes, it is read or refused with a sentence. The corpus beside this file is where mutations start;
/// what once failed is added to it.
/// </summary>
public sealed class OtlpFuzzTests
{
    private const int MostBytesPerInput = 64 * 1024;

    [Fact]
    public void Mutated_messages_are_read_or_refused_and_never_crash_or_grow()
    {
        var executions = Trial.Size(60_000, 10_000_000);
        var seeds = Corpus().ToArray();
        Assert.True(seeds.Length >= 12);
        long read = 0;
        long refused = 0;
        long mapped = 0;
        long mostAllocated = 0;
        var clock = Stopwatch.StartNew();
        Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            var random = new Random(worker + 1);
            using var mapper = new OtlpSpanMapper();
            var share = executions / Environment.ProcessorCount;
            for (var i = 0; i < share; i++)
            {
                var seed = seeds[random.Next(seeds.Length)];
                var input = i < seeds.Length ? seeds[i].Bytes : Mutate(seed.Bytes, seeds[random.Next(seeds.Length)].Bytes, random);
                var before = GC.GetAllocatedBytesForCurrentThread();
                if (Run(mapper, input, i < seeds.Length ? seeds[i].IsJson : seed.IsJson, random.Next(8) == 0, ref mapped))
                {
                    Interlocked.Increment(ref read);
                }
                else
                {
                    Interlocked.Increment(ref refused);
                }

                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                if (allocated > Interlocked.Read(ref mostAllocated))
                {
                    Interlocked.Exchange(ref mostAllocated, allocated);
                }
            }
        });

        Trial.Report("OTLP fuzzing", $"{read + refused} executions over {seeds.Length} seeds in {clock.Elapsed.TotalSeconds:0} s: {read} read, {refused} refused, {mapped} spans mapped, at most {mostAllocated / 1024} KiB allocated by one input of at most {MostBytesPerInput / 1024} KiB");
        Assert.True(read > 0 && refused > 0 && mapped > 0);

        // An input of 64 KiB can hold some tens of thousand empty values; each costs tens of bytes.
        Assert.InRange(mostAllocated, 1, 64 * 1024 * 1024);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_input_of_the_corpus_is_read_or_refused(string name)
    {
        var (bytes, isJson) = Read(name);
        var mapped = 0L;
        using var mapper = new OtlpSpanMapper();
        Run(mapper, bytes, isJson, asLogs: false, ref mapped);
        Run(mapper, bytes, isJson, asLogs: true, ref mapped);
        Assert.False(bytes.Length == 0);
    }

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Folder, "*.*").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "OpenTelemetry", "Corpus");

    private static (byte[] Bytes, bool IsJson) Read(string name)
    {
        var content = File.ReadAllText(Path.Combine(Folder, name));
        return name.EndsWith(".json", StringComparison.Ordinal) ? (Encoding.UTF8.GetBytes(content), true) : (Convert.FromHexString(content.Trim()), false);
    }

    private static IEnumerable<(byte[] Bytes, bool IsJson)> Corpus() =>
    [
        .. Names.Select(row => Read(row.Data)),
        (OtlpMessage.Request(OtlpMessage.Span()), false),
        (OtlpMessage.Request(OtlpMessage.Span(), OtlpMessage.Span(2), OtlpMessage.Log()), false),
        (OtlpMessage.Request(OtlpMessage.Log()), false),
    ];

    private static bool Run(OtlpSpanMapper mapper, byte[] input, bool isJson, bool asLogs, ref long mapped)
    {
        try
        {
            if (asLogs)
            {
                foreach (var log in isJson ? OtlpJson.ReadLogs(input) : OtlpProtobuf.ReadLogs(input))
                {
                    var problem = log.Problem;
                    Count(log.Record is { } record ? OtlpLogMapper.Map(mapper, record, null, out problem) : null, problem, ref mapped);
                }
            }
            else
            {
                foreach (var span in isJson ? OtlpJson.ReadSpans(input) : OtlpProtobuf.ReadSpans(input))
                {
                    var problem = span.Problem;
                    Count(span.Record is { } record ? mapper.Map(record, null, out problem) : null, problem, ref mapped);
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is InvalidDataException or System.Text.Json.JsonException)
        {
            return false;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{(isJson ? "JSON" : "protobuf")} input: {Convert.ToHexString(input)}", exception);
        }
    }

    private static void Count(OtlpMapped? found, string? problem, ref long mapped)
    {
        Assert.NotEqual(found is null, problem is null);
        if (found is not null)
        {
            Interlocked.Increment(ref mapped);
            Assert.Null(Rca.Json.JsonRules.FindProblem(found.Span.Attributes));
        }
    }

    private static byte[] Mutate(byte[] seed, byte[] other, Random random)
    {
        var bytes = new List<byte>(seed);
        for (var count = random.Next(1, 3); count > 0 && bytes.Count > 0; count--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(16, bytes.Count - at) + 1));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, random.Next(1, Math.Min(64, bytes.Count - at) + 1)));
                    break;
                case 5:
                    var from = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, random.Next(1, Math.Min(128, other.Length - from) + 1)).ToArray());
                    break;
                case 6:
                    bytes[at] = (byte)"{}[]\",:0-e\\u\0\u007f"[random.Next(14)];
                    break;
                default:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)(random.Next(2) == 0 ? 0xff : random.Next(256)), random.Next(1, 12)));
                    break;
            }
        }

        return bytes.Count > MostBytesPerInput ? [.. bytes.Take(MostBytesPerInput)] : [.. bytes];
    }
}
