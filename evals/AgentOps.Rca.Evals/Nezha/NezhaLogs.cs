using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>
/// The same logs as OTLP brings them: not within their spans but as records of their own, in requests of their own, which a receiver
/// stores as they come.
/// </summary>
internal static class NezhaLogs
{
    private const int BatchSize = 1_000;

    /// <summary>The spans without events, and a span for each log record, in the order of a store's listing.</summary>
    public static async Task<List<Span>> SendAsync(List<Span> spans)
    {
        var store = new InMemorySpanStore();
        var vault = new ArtifactVault(new InMemoryArtifactStore(), new InMemoryArtifactContentStore(), TimeProvider.System);
        var intake = new OtlpIntake(new SpanIntake(store), vault);

        // Half of the logs come before their spans, half of them after.
        var halves = spans.ToLookup(span => (span.SpanId[^1] & 1) == 0);
        await SendLogsAsync(intake, halves[true]);
        await store.AddAsync([.. spans.Select(NezhaRobustness.WithoutEvents)]);
        await SendLogsAsync(intake, halves[false]);
        return await store.ListAsync(new SpanQuery()).ToListAsync();
    }

    private static async Task SendLogsAsync(OtlpIntake intake, IEnumerable<Span> spans)
    {
        foreach (var batch in spans.Where(span => span.Attributes.TryGetProperty("events", out _)).Chunk(BatchSize))
        {
            var outcome = await intake.TakeLogsAsync(Request(batch), OtlpEncoding.Json);
            if (outcome is not { Rejected: 0, Malformed: null })
            {
                throw new InvalidDataException($"Log records were refused: {outcome}");
            }
        }
    }

    private static byte[] Request(Span[] spans)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceLogs");
            json.WriteStartObject();
            json.WriteStartArray("scopeLogs");
            json.WriteStartObject();
            json.WriteStartArray("logRecords");
            foreach (var span in spans)
            {
                WriteRecords(json, span);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteRecords(Utf8JsonWriter json, Span span)
    {
        var ids = span.SpanId.Split(':', 2);
        var last = 0L;
        foreach (var item in span.Attributes.GetProperty("events").EnumerateArray())
        {
            // Lines of one microsecond have an order in the file; records have one by their nanoseconds. A few lines have no time.
            last = Math.Max(last + 1, long.Parse(item.GetProperty("time").GetString()!, CultureInfo.InvariantCulture) is > 0 and var time ? time : span.StartTs);
            json.WriteStartObject();
            json.WriteString("traceId", ids[0]);
            json.WriteString("spanId", ids[1]);
            json.WriteString("timeUnixNano", last.ToString(CultureInfo.InvariantCulture));
            json.WriteStartObject("body");
            json.WriteString("stringValue", item.GetProperty("message").GetString());
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }
}
