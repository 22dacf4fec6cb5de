using System.Diagnostics;
using System.Text;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.OpenTelemetry;

namespace AgentOps.Rca.Tests.Importing;

/// <summary>
/// Files that are nearly of a format: whatever comes, it is read, or refused with a sentence; what is read twice is there once, and the memory that
/// is in use stays bounded.
/// </summary>
public sealed class ImportFuzzTests
{
    // Inputs have some kilobytes; this is what the tests of the whole project hold beside them, and far below what one that grows would take.
    private const long MostInUse = 1024 * 1024 * 1024;
    private const int InputsAHost = 400;

    private static readonly string[] Values =
    [
        "null", "[]", "{}", "1e999", "-1", "true", "\"\\ud83d\"", "\"\\u0000\"", "\"\"", "\"attachment://0123456789abcdef\"", "[[[[[[]]]]]]", "9223372036854775808",
        "\"2026-99-99\"", "\"9999-12-31T23:59:59Z\"", "0", "\"assistant\"", "\"user\"", "{\"role\":\"tool\"}", "\"id\"", "1767225600123456789",
    ];

    public static TheoryData<string> Formats => [.. ImportSeeds.All.Select(seed => seed.Format).Distinct()];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Mutated_files_are_read_or_refused_and_never_crash_or_grow(string format)
    {
        var executions = Trial.Size(1_500, 1_000_000);
        var seeds = ImportSeeds.All.Where(seed => seed.Format == format).Select(seed => seed.Bytes).ToArray();
        var others = ImportSeeds.All.Select(seed => seed.Bytes).ToArray();
        var clock = Stopwatch.StartNew();
        var workers = Enumerable.Range(0, Environment.ProcessorCount)
            .Select(worker => Task.Run(() => RunAsync(new Random((format.Length * 31) + worker), seeds, others, executions / Environment.ProcessorCount)))
            .ToList();
        var counts = await Task.WhenAll(workers);

        Trial.Report($"Fuzzing of {format}", $"{counts.Sum(count => count.Read + count.Refused)} executions over {seeds.Length} seeds in {clock.Elapsed.TotalSeconds:0} s: {counts.Sum(count => count.Read)} read, {counts.Sum(count => count.Refused)} refused, {counts.Sum(count => count.Spans)} spans, at most {counts.Max(count => count.InUse) / 1024 / 1024} MiB in use");
        Assert.True(counts.Sum(count => count.Read) > 0 && counts.Sum(count => count.Refused) > 0);
        Assert.InRange(counts.Max(count => count.InUse), 1, MostInUse);
    }

    private static async Task<Count> RunAsync(Random random, byte[][] seeds, byte[][] others, int executions)
    {
        var count = new Count();
        for (var done = 0; done < executions;)
        {
            var bench = new ImportBench();
            await using var benchDisposal = bench;
            for (var i = 0; i < InputsAHost && done < executions; i++, done++)
            {
                var input = done < seeds.Length ? seeds[done] : Mutate(seeds[random.Next(seeds.Length)], others[random.Next(others.Length)], random);
                await TryAsync(bench, input, random.Next(16) == 0, count);
            }

            // With all that the host of these inputs holds.
            count.InUse = Math.Max(count.InUse, GC.GetTotalMemory(forceFullCollection: true));
        }

        return count;
    }

    private static async Task TryAsync(ImportBench bench, byte[] input, bool twice, Count count)
    {
        try
        {
            var outcome = await bench.TryAsync(input);
            bench.Places.Clear();
            if (outcome is not ImportOutcome.Imported { Import: var import })
            {
                count.Refused++;
                return;
            }

            count.Read++;
            count.Spans += import.SpansAdded;
            if (twice)
            {
                var again = Assert.IsType<ImportOutcome.Imported>(await bench.TryAsync(input)).Import;
                Assert.Equal((0, import.IncidentId), (again.SpansAdded, again.IncidentId));
            }
        }
        catch (Exception exception)
        {
            Assert.Fail($"{exception}\n{Convert.ToBase64String(input)}\n{Encoding.UTF8.GetString(input)}");
        }
    }

    private static byte[] Mutate(byte[] seed, byte[] other, Random random)
    {
        List<byte> bytes = [.. seed];
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Count > 4; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    var from = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(1, 200), other.Length - from)));
                    break;
                default:
                    ReplaceValue(bytes, at, Values[random.Next(Values.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }

    // The value behind the next colon, up to the comma or bracket that follows.
    private static void ReplaceValue(List<byte> bytes, int at, string value)
    {
        var colon = bytes.IndexOf((byte)':', at);
        if (colon < 0)
        {
            return;
        }

        var end = bytes.FindIndex(colon + 1, static one => one is (byte)',' or (byte)'}' or (byte)']');
        if (end > 0)
        {
            bytes.RemoveRange(colon + 1, end - colon - 1);
            bytes.InsertRange(colon + 1, Encoding.UTF8.GetBytes(value));
        }
    }

    private sealed class Count
    {
        public long Read { get; set; }

        public long Refused { get; set; }

        public long Spans { get; set; }

        public long InUse { get; set; }
    }
}

/// <summary>Small files of each format, where mutations start.</summary>
internal static class ImportSeeds
{
    public static IReadOnlyList<(string Format, byte[] Bytes)> All { get; } =
    [
        .. MessagesFileTests.Seeds.Select(seed => Of(ImportFormats.Messages, seed)),
        .. ClaudeCodeFileTests.Seeds.Select(seed => Of(ImportFormats.ClaudeCode, seed)),
        .. CodexFileTests.Seeds.Select(seed => Of(ImportFormats.Codex, seed)),
        .. TreeFormatTests.Seeds.Select(seed => Of(seed.Format, seed.File)),
        .. TrajectoryFormatTests.Seeds.Select(seed => Of(seed.Format, seed.File)),
        .. OtlpFileTests.Seeds.Select(seed => Of(ImportFormats.OtlpJson, seed)),
        (ImportFormats.OtlpProtobuf, OtlpMessage.Request(OtlpMessage.Span())),
        ("packed", FileImporterTests.Gzip(Encoding.UTF8.GetBytes(MessagesFileTests.Seeds[0]))),
        ("packed", FileImporterTests.Zip(("a.json", Encoding.UTF8.GetBytes(MessagesFileTests.Seeds[0])), ("b.json", FileImporterTests.Gzip(Encoding.UTF8.GetBytes(MessagesFileTests.Seeds[1])))))
    ];

    private static (string Format, byte[] Bytes) Of(string format, string file) => (format, Encoding.UTF8.GetBytes(file));
}
