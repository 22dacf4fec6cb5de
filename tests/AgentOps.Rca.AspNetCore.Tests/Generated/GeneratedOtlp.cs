using System.Text;

namespace AgentOps.Rca.AspNetCore.Tests.Generated;

/// <summary>The spans of one case as one request of OTLP.</summary>
internal static class GeneratedOtlp
{
    public static byte[] Json(GeneratedSpan[] spans, string id, int number)
    {
        var resource = $$$"""{"attributes":[{"key":"agentops.incident.id","value":{"stringValue":"{{{id}}}"}}]}""";
        return Encoding.UTF8.GetBytes(
            $$$"""{"resourceSpans":[{"resource":{{{resource}}},"scopeSpans":[{"spans":[{{{string.Join(',', spans.Select((span, place) => span.OtlpJson(place, number)))}}}]}]}]}""");
    }

    public static byte[] LogsJson(GeneratedSpan[] spans, string id, int number)
    {
        var resource = $$$"""{"attributes":[{"key":"agentops.incident.id","value":{"stringValue":"{{{id}}}"}}]}""";
        return Encoding.UTF8.GetBytes(
            $$$"""{"resourceLogs":[{"resource":{{{resource}}},"scopeLogs":[{"logRecords":[{{{string.Join(',', spans.Select((span, place) => span.LogJson(place, number)))}}}]}]}]}""");
    }

    public static byte[] Protobuf(GeneratedSpan[] spans, string id, int number)
    {
        var attribute = GeneratedValue.Attribute("agentops.incident.id", new GeneratedValue("", "", GeneratedBytes.Field(1, Encoding.UTF8.GetBytes(id))));
        byte[] group =
        [
            .. GeneratedBytes.Field(1, GeneratedBytes.Field(1, attribute)),
            .. GeneratedBytes.Field(2, [.. spans.SelectMany((span, place) => GeneratedBytes.Field(2, span.OtlpProtobuf(place, number)))]),
        ];
        return GeneratedBytes.Field(1, group);
    }
}
