using System.Text.Json;

namespace AgentOps.Rca.Sqlite.Tests.Contents;

/// <summary>OTLP in JSON as an agent sends it.</summary>
internal static class AgentRequest
{
    /// <summary>Calls of a tool: each has arguments of its own and the result of all others.</summary>
    /// <param name="count">How many.</param>
    /// <param name="trace">The number of their trace.</param>
    /// <param name="hasContent">Whether arguments and results are content; else they are plain attributes.</param>
    public static byte[] Make(int count, int trace = 1, bool hasContent = true) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        resourceSpans = new[]
        {
            new
            {
                scopeSpans = new[]
                {
                    new
                    {
                        spans = Enumerable.Range(1, count).Select(number => new
                        {
                            traceId = trace.ToString("x32", null),
                            spanId = number.ToString("x16", null),
                            name = "execute_tool book",
                            startTimeUnixNano = "1767225600000000000",
                            endTimeUnixNano = "1767225600050000000",
                            attributes = new[]
                            {
                                Attribute("gen_ai.operation.name", "execute_tool"),
                                Attribute("gen_ai.tool.name", "book"),
                                Attribute(hasContent ? "gen_ai.tool.call.arguments" : "order", $$"""{"order":{{number}},"run":{{trace}}}"""),
                                Attribute(hasContent ? "gen_ai.tool.call.result" : "answer", """{"status":"booked"}"""),
                            },
                        }),
                    },
                },
            },
        },
    });

    private static object Attribute(string key, string value) => new { key, value = new { stringValue = value } };
}
