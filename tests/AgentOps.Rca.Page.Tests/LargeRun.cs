using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Page.Tests;

/// <summary>A run of an agent of any length, past HTTP: rounds of nineteen calls of models and tools under a run, one call in fifty refused.</summary>
internal static class LargeRun
{
    private const long Start = 1_767_225_600_000_000;
    private const int Round = 20;
    private static readonly JsonElement Good = JsonElement.Parse("""{"gen_ai.operation.name":"execute_tool","http.response.status_code":200,"service.name":"orders"}""");
    private static readonly JsonElement Refused = JsonElement.Parse(
        """{"gen_ai.operation.name":"execute_tool","error.type":"rate_limited","error.message":"Account limit reached.","http.response.status_code":429,"service.name":"orders"}""");

    /// <summary>The id of a span.</summary>
    public static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{number:x16}");

    /// <summary>Whether a span says that it failed.</summary>
    public static bool IsRefused(int number) => number % 50 == 7;

    /// <summary>Stores a run, opens an incident for it, and has it analysed.</summary>
    public static async Task<string> FillAsync(PageHost host, int size)
    {
        var incident = await host.OpenAsync(string.Create(CultureInfo.InvariantCulture, $"{size} calls"));
        List<string> contents = [];
        for (var i = 0; i < Round; i++)
        {
            contents.Add(await host.StoreAsync(JsonSerializer.SerializeToUtf8Bytes($"what call {i} of a round was given")));
        }

        await host.StoreAsync(Enumerable.Range(0, size).Select(number => new Span
        {
            SpanId = Id(number),
            ParentId = number % Round == 0 ? null : Id(number / Round * Round),
            Tool = number % Round == 0 ? "agent.run/orders" : (number % 4) switch
            {
                0 => "llm.call/llama-3.3-70b-versatile",
                1 => "tool.call/inventory.reserve",
                2 => "tool.call/warehouse.search",
                _ => "tool.call/carrier.create_shipment",
            },
            StartTs = Start + (number * 1_000L),
            EndTs = Start + (number * 1_000L) + (number % Round == 0 ? 19_900 : 750),
            ArgsDigest = contents[number % Round],
            IncidentId = incident,
            Attributes = IsRefused(number) ? Refused : Good,
        }));
        await host.AnalyzeAsync(incident);
        return incident;
    }
}
