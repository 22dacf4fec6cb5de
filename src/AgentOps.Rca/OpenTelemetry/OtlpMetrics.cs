using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>Counts the data points of an <c>ExportMetricsServiceRequest</c>. None of them are kept: an analysis has no use for them.</summary>
internal static class OtlpMetrics
{
    private static readonly string[] Kinds = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];

    /// <summary>How many there are, as refused, with a sentence that says why.</summary>
    public static OtlpOutcome Count(ReadOnlyMemory<byte> body, OtlpEncoding encoding)
    {
        try
        {
            var points = encoding == OtlpEncoding.Json ? CountJson(body) : CountProtobuf(body);
            return new OtlpOutcome(0, 0, points, points == 0 ? null : Sentence(points), null);
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException)
        {
            return new OtlpOutcome(0, 0, 0, null, exception.Message);
        }
    }

    private static string Sentence(long points) => string.Create(
        CultureInfo.InvariantCulture,
        $"Metrics are not stored here, so {(points == 1 ? "this data point is" : $"these {points} data points are")} not. OTEL_METRICS_EXPORTER=none keeps an exporter from sending them.");

    private static long CountJson(ReadOnlyMemory<byte> body)
    {
        var points = 0L;
        var document = OtlpJson.Parse(body);
        using var small = JsonRules.IsLarge(body) ? null : document;
        foreach (var group in OtlpMembers.Items(document.RootElement, "resourceMetrics"))
        {
            foreach (var scope in OtlpMembers.Items(group, "scopeMetrics"))
            {
                foreach (var metric in OtlpMembers.Items(scope, "metrics"))
                {
                    foreach (var kind in Kinds)
                    {
                        points += OtlpMembers.Find(metric, kind) is { } data ? OtlpMembers.Items(data, "dataPoints").Count() : 0;
                    }
                }
            }
        }

        return points;
    }

    // resource_metrics = 1, scope_metrics = 2, metrics = 2; gauge, sum, histogram, exponential_histogram and summary are 5, 7, 9, 10 and 11,
    // and each of them has its data_points under 1.
    private static long CountProtobuf(ReadOnlyMemory<byte> body)
    {
        var points = 0L;
        foreach (var metric in OtlpProtobuf.Messages(body, 1).SelectMany(group => OtlpProtobuf.Messages(group, 2)).SelectMany(scope => OtlpProtobuf.Messages(scope, 2)))
        {
            var reader = new ProtobufReader(metric);
            while (reader.NextField() is not 0 and var field)
            {
                if (field is 5 or 7 or 9 or 10 or 11)
                {
                    points += OtlpProtobuf.Messages(reader.ReadBytes(), 1).Count();
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return points;
    }
}
