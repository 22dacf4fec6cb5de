using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>The traces and logs of the two systems as spans of the library. Files that are not there are left out.</summary>
internal sealed class NezhaData(string root)
{
    private const string TraceEnding = "_trace.csv.gz";
    private const string LogEnding = "_log.csv.gz";

    /// <summary>The injected faults; none when the folder is not there.</summary>
    public IReadOnlyList<NezhaFault> Faults { get; } = File.Exists(Path.Combine(root, "faults.json"))
        ? JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(root, "faults.json")), EvalsJsonContext.Default.ListNezhaFault) ?? []
        : [];

    public IReadOnlyList<string> Systems => !Directory.Exists(root) ? [] :
        [.. Directory.GetDirectories(root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public List<Span> Incident(NezhaFault fault) => Read(Path.Combine(root, fault.System, fault.Day), fault.Windows);

    /// <summary>The minutes of a fault's window one by one.</summary>
    public IEnumerable<List<Span>> Minutes(NezhaFault fault) =>
        fault.Windows.Select(minute => Read(Path.Combine(root, fault.System, fault.Day), [minute]));

    /// <summary>What to compare with: the day's own fault-free minutes, else the next later ones of the system, else the last.</summary>
    public List<Span> Normal(string system, string day)
    {
        var days = NormalDays(system);
        return days.Count == 0 ? [] : NormalOf(system, days.FirstOrDefault(candidate => string.CompareOrdinal(candidate, day) >= 0) ?? days[^1]);
    }

    /// <summary>The fault-free minutes of one day.</summary>
    public List<Span> NormalOf(string system, string day)
    {
        var path = Path.Combine(root, system, day, "normal");
        var files = Directory.GetFiles(Path.Combine(path, "trace"), "*" + TraceEnding).Order(StringComparer.Ordinal);
        return Read(path, [.. files.Select(file => Path.GetFileName(file)[..^TraceEnding.Length])]);
    }

    /// <summary>The days of which there are fault-free minutes.</summary>
    public IReadOnlyList<string> NormalDays(string system) => !Directory.Exists(Path.Combine(root, system)) ? [] :
    [
        .. Directory.GetDirectories(Path.Combine(root, system)).Order(StringComparer.Ordinal)
            .Where(day => Directory.Exists(Path.Combine(day, "normal", "trace"))).Select(day => Path.GetFileName(day)),
    ];

    private static List<Span> Read(string path, IReadOnlyList<string> minutes)
    {
        var logs = new Dictionary<string, List<(long Time, string Message)>>(StringComparer.Ordinal);
        foreach (var row in Rows(Path.Combine(path, "log"), minutes, LogEnding))
        {
            var id = $"{row["TraceID"]}:{row["SpanID"]}";
            if (long.TryParse(row["TimeUnixNano"], CultureInfo.InvariantCulture, out var time))
            {
                (logs.TryGetValue(id, out var events) ? events : logs[id] = []).Add((time, Message(row["Log"])));
            }
        }

        List<Span> spans = [];
        foreach (var row in Rows(Path.Combine(path, "trace"), minutes, TraceEnding))
        {
            var id = $"{row["TraceID"]}:{row["SpanID"]}";
            var pod = row["PodName"];
            var service = string.Join('-', pod.Split('-')[..^2]);
            if (!long.TryParse(row["StartTimeUnixNano"], CultureInfo.InvariantCulture, out var start)
                || !long.TryParse(row["EndTimeUnixNano"], CultureInfo.InvariantCulture, out var end))
            {
                continue;
            }

            spans.Add(new Span
            {
                SpanId = id,
                ParentId = row["ParentID"] == "root" ? null : $"{row["TraceID"]}:{row["ParentID"]}",
                Tool = $"{service}/{row["OperationName"]}",
                StartTs = start,
                EndTs = end,
                Attributes = Attributes(service, pod, row["TraceID"], logs.GetValueOrDefault(id)),
            });
        }

        return spans;
    }

    private static IEnumerable<Dictionary<string, string>> Rows(string folder, IReadOnlyList<string> minutes, string ending) =>
        minutes.Select(minute => Path.Combine(folder, minute + ending)).Where(File.Exists).SelectMany(Csv.ReadGzipped);

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
}
