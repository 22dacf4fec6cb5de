using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>The incident of a run. Its id is made of the run's id alone, so the same run never opens two, on any number of hosts.</summary>
internal static class IncidentOpening
{
    private const int LongestOrderId = 512;
    private const string ByRule = "rule";

    public static Guid IdOf(string runSpanId) => HashedId.Of("incident of " + runSpanId);

    public static Incident Of(EndedRun run, IReadOnlyList<IncidentFinding> findings, IncidentDetectionOptions options)
    {
        return new Incident
        {
            Id = IdOf(run.Root.SpanId),
            OrderId = OrderIdOf(run.Root, options.OrderIdAttributes),
            ProblemType = findings[0].ProblemType,
            CreatedTs = EpochUnit.ToInstant(EpochUnit.ToNanoseconds(run.Root.EndTs)),
            Details = Details(run, findings),
        };
    }

    /// <summary>What an incident tells of the run it was opened for, or null when no rule opened it.</summary>
    public static (string RunSpanId, IReadOnlyList<IncidentFinding> Findings)? Read(Incident incident)
    {
        if (incident.Details.ValueKind != JsonValueKind.Object || incident.Details.TextOf("detected_by") != ByRule
            || incident.Details.TextOf("run_span_id") is not { } runSpanId || incident.Id != IdOf(runSpanId)
            || !incident.Details.TryGetProperty("findings", out var findings) || findings.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        return (runSpanId, [.. findings.EnumerateArray()
            .Where(static finding => finding.ValueKind == JsonValueKind.Object)
            .Select(static finding => new IncidentFinding(finding.TextOf("problem_type") ?? "", finding.TextOf("sentence") ?? ""))]);
    }

    private static string OrderIdOf(Span root, IList<string> attributes)
    {
        foreach (var name in attributes)
        {
            if (root.Attributes.TryGetProperty(name, out var value)
                && value.ValueKind is JsonValueKind.String or JsonValueKind.Number
                && (value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()) is { Length: > 0 and <= LongestOrderId } text
                && !string.IsNullOrWhiteSpace(text))
            {
                return text;
            }
        }

        return root.SpanId.Split(':')[0];
    }

    private static JsonElement Details(EndedRun run, IReadOnlyList<IncidentFinding> findings)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("detected_by", ByRule);
            json.WriteString("run_span_id", run.Root.SpanId);
            json.WriteString("agent", run.Root.Tool);
            json.WriteStartArray("findings");
            foreach (var finding in findings)
            {
                json.WriteStartObject();
                json.WriteString("problem_type", finding.ProblemType);
                json.WriteString("sentence", finding.Sentence);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
