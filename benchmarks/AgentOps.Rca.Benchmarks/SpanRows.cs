using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Benchmarks;

/// <summary>Spans as agents send them: five tools, digests, and six attributes.</summary>
internal static class SpanRows
{
    private static readonly string[] Tools =
        ["llm.call/llama-3.3-70b-versatile", "tool.call/carrier.create_shipment", "tool.call/inventory.reserve", "tool.call/warehouse.search", "agent.run/orders"];

    public static Span Make(int number, string? incidentId)
    {
        var start = 1_750_000_000_000_000L + (number * 1_000L);
        var digest = string.Create(CultureInfo.InvariantCulture, $"{number:x64}");
        return new Span
        {
            SpanId = string.Create(CultureInfo.InvariantCulture, $"{number * 2654435761L:x16}{number:x16}"),
            ParentId = number % 20 == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{number / 20 * 20 * 2654435761L:x16}{number / 20 * 20:x16}"),
            Tool = Tools[number % 20 == 0 ? 4 : number % 4],
            StartTs = start,
            EndTs = start + 750 + (number % 97 * 10),
            ArgsDigest = digest,
            ResultDigest = digest,
            IncidentId = incidentId,
            Attributes = JsonElement.Parse(Attributes(number)),
        };
    }

    public static byte[] ToJsonArray(IEnumerable<Span> spans)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var span in spans)
            {
                writer.WriteStartObject();
                writer.WriteString("span_id", span.SpanId);
                writer.WriteString("parent_id", span.ParentId);
                writer.WriteString("tool", span.Tool);
                writer.WriteNumber("start_ts", span.StartTs);
                writer.WriteNumber("end_ts", span.EndTs);
                writer.WriteString("args_digest", span.ArgsDigest);
                writer.WriteString("result_digest", span.ResultDigest);
                writer.WriteString("incident_id", span.IncidentId);
                writer.WritePropertyName("attributes");
                span.Attributes.WriteTo(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return buffer.ToArray();
    }

    private static string Attributes(int number)
    {
        var failed = number % 50 == 7 ? "\"error.type\":\"rate_limited\",\"http.response.status_code\":429," : "\"http.response.status_code\":200,";
        return new StringBuilder("{\"gen_ai.operation.name\":\"execute_tool\",").Append(failed)
            .Append(CultureInfo.InvariantCulture, $"\"gen_ai.usage.input_tokens\":{number % 4096},\"host\":\"worker-{number % 8}\",\"attempt\":{number % 3}}}")
            .ToString();
    }
}
