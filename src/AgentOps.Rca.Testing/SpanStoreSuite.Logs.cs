using System.Globalization;
using System.Text;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Spans.Ingest;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Testing;

public abstract partial class SpanStoreSuite
{
    private const string Trace = "0102030405060708090a0b0c0d0e0f10";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_record_that_came_before_its_span_gets_into_the_incident_the_span_is_sent_with(bool asLines)
    {
        var call = Call(1);
        await Spans.AddAsync([Log(call, 1), Log(call, 2), Log(Call(2), 1), Log(Trace, 3) with { ParentId = null }], TestToken);

        await IngestAsync(asLines, Json(call, "i"), Json(Call(3), "i"), Json("plain", "i"));

        Assert.Equal(
            new[] { call, Log(call, 1).SpanId, Log(call, 2).SpanId, Call(3), "plain" }.Order(StringComparer.Ordinal),
            (await ListIdsAsync(new SpanQuery { IncidentId = "i" })).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_log_record_stays_without_an_incident_while_its_span_has_none_or_is_refused()
    {
        await Spans.AddAsync([Log(Call(1), 1), Log(Call(2), 1), Samples.Span(Call(2), 1, "x")], TestToken);

        await IngestAsync(asLines: false, Json(Call(1), null), Json(Call(2), "i"));

        Assert.Empty(await ListIdsAsync(new SpanQuery { IncidentId = "i" }));
        await IngestAsync(asLines: false, Json(Call(1), "i"));
        Assert.Empty(await ListIdsAsync(new SpanQuery { IncidentId = "i" }));
    }

    [Fact]
    public async Task A_log_record_finds_its_span_in_a_trace_of_many_others()
    {
        // Most spans of the trace are of no interest, so it is read only in part, and the last calls are looked up one by one.
        var others = Enumerable.Range(0, 900).Select(number => Samples.Span(Call((number * 3) + 1), number));
        int[] wanted = [0, 3, 30, 300, 1_200, 2_400, 2_697];
        await Spans.AddAsync([.. others, .. wanted.Select(number => Log(Call(number), number))], TestToken);

        await IngestAsync(asLines: true, [.. wanted.Select(number => Json(Call(number), "i"))]);

        Assert.Equal(
            wanted.SelectMany(number => new[] { Call(number), Log(Call(number), number).SpanId }).Order(StringComparer.Ordinal),
            (await ListIdsAsync(new SpanQuery { IncidentId = "i" })).Order(StringComparer.Ordinal));
    }

    private static string Call(int number) => string.Create(CultureInfo.InvariantCulture, $"{Trace}:{number:x16}");

    private static Span Log(string call, int number) =>
        Samples.Span(string.Create(CultureInfo.InvariantCulture, $"{call}:{number}"), number, ToolNames.Log) with { ParentId = call };

    private static string Json(string id, string? incidentId) =>
        $$"""{"span_id":"{{id}}","tool":"tool.call/t","start_ts":1,"end_ts":2,"incident_id":{{(incidentId is null ? "null" : $"\"{incidentId}\"")}}}""";

    private async Task IngestAsync(bool asLines, params string[] spans)
    {
        var body = asLines ? string.Join('\n', spans) : $"[{string.Join(',', spans)}]";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(body));
        var ingest = new SpanIngest(new SpanIntake(Spans, links: new SpanLogLinks(Spans, Linker)), new InMemoryArtifactStore());
        Assert.Null(await ingest.RunAsync(stream, cancellationToken: TestToken));
    }
}
