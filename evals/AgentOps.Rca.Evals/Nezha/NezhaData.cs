using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>The traces and logs of the two systems as spans of the library.</summary>
internal sealed class NezhaData(string root)
{
    public IReadOnlyList<NezhaFault> Faults { get; } =
        JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(root, "faults.json")), EvalsJsonContext.Default.ListNezhaFault) ?? [];

    public List<Span> Incident(NezhaFault fault) => Read(Path.Combine(root, fault.System, fault.Day), fault.Windows);

    /// <summary>The fault-free minute to compare with: the day's own, else the nearest later one of the same system.</summary>
    public List<Span> Normal(string system, string day)
    {
        var (path, minute) = NormalOf(system, day);
        return Read(path, [minute]);
    }

    public IReadOnlyList<string> NormalDays(string system) =>
    [
        .. Directory.GetDirectories(Path.Combine(root, system)).Order(StringComparer.Ordinal)
            .Where(day => Directory.Exists(Path.Combine(day, "normal"))).Select(day => Path.GetFileName(day)),
    ];

    public IReadOnlyList<string> Systems => [.. Directory.GetDirectories(root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private (string Path, string Minute) NormalOf(string system, string day)
    {
        var days = NormalDays(system);
        var chosen = days.FirstOrDefault(candidate => string.CompareOrdinal(candidate, day) >= 0) ?? days[^1];
        var path = Path.Combine(root, system, chosen, "normal");
        var file = Directory.GetFiles(Path.Combine(path, "trace")).Order(StringComparer.Ordinal).First();
        return (path, Path.GetFileName(file).Replace("_trace.csv.gz", "", StringComparison.Ordinal));
    }

    private static List<Span> Read(string path, IReadOnlyList<string> minutes)
    {
        var logs = new Dictionary<string, List<(long Time, string Message)>>(StringComparer.Ordinal);
        foreach (var file in minutes.Select(minute => Path.Combine(path, "log", $"{minute}_log.csv.gz")).Where(File.Exists))
        {
            foreach (var row in Csv.ReadGzipped(file))
            {
                var id = $"{row["TraceID"]}:{row["SpanID"]}";
                (logs.TryGetValue(id, out var events) ? events : logs[id] = []).Add((Number(row["TimeUnixNano"]), Message(row["Log"])));
            }
        }

        List<Span> spans = [];
        foreach (var row in minutes.SelectMany(minute => Csv.ReadGzipped(Path.Combine(path, "trace", $"{minute}_trace.csv.gz"))))
        {
            var id = $"{row["TraceID"]}:{row["SpanID"]}";
            var pod = row["PodName"];
            var service = string.Join('-', pod.Split('-')[..^2]);
            spans.Add(new Span
            {
                SpanId = id,
                ParentId = row["ParentID"] == "root" ? null : $"{row["TraceID"]}:{row["ParentID"]}",
                Tool = $"{service}/{row["OperationName"]}",
                StartTs = Number(row["StartTimeUnixNano"]),
                EndTs = Number(row["EndTimeUnixNano"]),
                Attributes = Attributes(service, pod, row["TraceID"], logs.GetValueOrDefault(id)),
            });
        }

        return spans;
    }

    // The recorder wraps each line as {"log": …, "stream": …, "time": …}.
    private static string Message(string log)
    {
        try
        {
            return JsonElement.Parse(log).TryGetProperty("log", out var text) ? text.GetString() ?? log : log;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return log;
        }
    }

    private static JsonElement Attributes(string service, string pod, string traceId, List<(long Time, string Message)>? events)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("service", service);
            writer.WriteString("pod", pod);
            writer.WriteString("trace_id", traceId);
            if (events is not null)
            {
                writer.WriteStartArray("events");
                foreach (var (time, message) in events.OrderBy(item => item.Time))
                {
                    writer.WriteStartObject();
                    writer.WriteString("time", time.ToString(CultureInfo.InvariantCulture));
                    writer.WriteString("message", message);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
