using AgentOps.Rca.Importing;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Importing;

/// <summary>Traces of OpenAI's Agents SDK in the forms that files have them in, and what its agents could call.</summary>
public sealed class OpenAiAgentsFileTests : IAsyncDisposable
{
    private const string Trace = """{"object":"trace","id":"trace_1","workflow_name":"desk"}""";

    // As the exporter writes them: a span when it ends, the agent's own behind those below it.
    private static readonly string[] Spans =
    [
        """{"object":"trace.span","id":"span_2","trace_id":"trace_1","parent_id":"span_5","started_at":"2026-01-02T03:00:01+00:00","ended_at":"2026-01-02T03:00:02+00:00","span_data":{"type":"generation","model":"gpt-x","input":[{"role":"user","content":"Cancel order 7"}],"output":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"cancel_order","arguments":"{\"order\":7}"}}]}]},"error":null}""",
        """{"object":"trace.span","id":"span_5","trace_id":"trace_1","parent_id":"span_1","started_at":"2026-01-02T03:00:01+00:00","ended_at":"2026-01-02T03:00:02+00:00","span_data":{"type":"turn","turn":1},"error":null}""",
        """{"object":"trace.span","id":"span_1","trace_id":"trace_1","parent_id":null,"started_at":"2026-01-02T03:00:00+00:00","ended_at":"2026-01-02T03:00:03+00:00","span_data":{"type":"agent","name":"Orders","handoffs":[],"tools":["find_order","refund_order"],"output_type":"str"},"error":{"message":"Tool not found","data":{"tool_name":"cancel_order"}}}""",
    ];

    private readonly ImportBench _bench = new();

    public static TheoryData<string> Forms() => new(
        string.Join('\n', [Trace, .. Spans]),
        $"[{string.Join(',', [Trace, .. Spans])}]",
        $$"""{"data":[{{string.Join(",\n", [Trace, .. Spans])}}]}""",
        $$"""{"data":[{{string.Join(',', Spans)}}]}""" + "\n" + $$"""{"data":[{{Trace}}]}""",
        $$"""[{"data":[{{Trace}},{{Spans[0]}}]},{"data":[{{Spans[1]}},{{Spans[2]}}]}]""",
        $$"""{"data":[{{Trace[..^1]}},"spans":[{{string.Join(',', Spans)}}]}]}""");

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_trace_is_the_same_in_lines_in_lists_and_as_the_bodies_that_an_exporter_sends(string file)
    {
        var import = await _bench.ImportAsync(file);

        Assert.Equal((ImportFormats.OpenAiAgents, 4L, 4L, 0L, 1L), (import.Files[0].Format, import.SpansAdded, import.Files[0].Spans, import.LeftOutCount, import.RunCount));
        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal(["agent.run/Orders", "agent.run/desk", "llm.call/gpt-x", "openai-agents/turn"], spans.Select(span => span.Tool).Order(StringComparer.Ordinal));
        Assert.Single(spans, span => span.ParentId is null && span.Tool == "agent.run/desk");

        // In another form it is the same run, all of it known.
        var again = await _bench.ImportAsync(string.Join('\n', [Trace, .. Spans]));
        Assert.Equal((0L, 4L, import.IncidentId), (again.SpansAdded, again.SpansKnown, again.IncidentId));
    }

    [Fact]
    public async Task The_place_of_a_span_is_that_within_the_body()
    {
        await _bench.ImportAsync($$"""{"data":[{{Trace}}]}""" + "\n" + $$"""{"data":[{{string.Join(',', Spans)}}]}""");

        Assert.Equal((2L, "/data/0"), (_bench.Places[0].Place.Line, _bench.Places[0].Place.Pointer));
    }

    [Fact]
    public async Task A_call_of_the_model_was_offered_the_tools_of_the_agent_above_it()
    {
        var import = await _bench.ImportAsync(string.Join('\n', [Trace, .. Spans]));

        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal(["find_order", "refund_order"], await OfferedAsync(import));
        var agent = spans.Single(span => span.Tool == "agent.run/Orders");
        Assert.Equal("Tool not found (tool_name: cancel_order)", SpanFailure.Read(agent.Attributes)?.Message);
        Assert.Equal("""{"tool_name":"cancel_order"}""", agent.Attributes.GetProperty("error.data").GetString());
        var report = await _bench.AnalyzeAsync(import.IncidentId);
        Assert.Contains(report.Evidence, item => item.Text.Contains("2 tools were offered: find_order, refund_order", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"handoffs\":[]", "\"handoffs\":[\"Refunds\"]")]
    [InlineData("[\"find_order\",\"refund_order\"]", "[]")]
    [InlineData("\"parent_id\":\"span_5\"", "\"parent_id\":null")]
    public async Task What_an_agent_may_call_is_not_known_where_it_can_hand_over_has_no_tools_or_is_not_the_one_above(string told, string instead)
    {
        var import = await _bench.ImportAsync(string.Join('\n', [Trace, .. Spans]).Replace(told, instead, StringComparison.Ordinal));

        Assert.Empty(await OfferedAsync(import));
    }

    [Fact]
    public async Task Tools_that_a_call_itself_names_come_first()
    {
        var import = await _bench.ImportAsync(string.Join('\n', [Trace, .. Spans]).Replace("\"type\":\"generation\",", "\"type\":\"generation\",\"tools\":[\"find_order\",{\"name\":\"cancel_order\"}],", StringComparison.Ordinal));

        Assert.Equal(["find_order", "cancel_order"], await OfferedAsync(import));
    }

    [Theory]
    [InlineData("""{"data":[{"id":"file_1","object":"file"}]}""")]
    [InlineData("""{"data":[1,2],"object":"something"}""")]
    public async Task Lists_of_something_else_are_no_trace(string file) =>
        Assert.IsType<ImportOutcome.NotUnderstood>(await _bench.TryAsync(System.Text.Encoding.UTF8.GetBytes(file)));

    private async Task<string[]> OfferedAsync(FileImport import)
    {
        var model = (await _bench.SpansAsync(import.IncidentId)).Single(span => span.Tool == "llm.call/gpt-x");
        var given = await _bench.ReadJsonAsync(model.ArgsDigest);
        return given.ValueKind == System.Text.Json.JsonValueKind.Object && given.TryGetProperty("gen_ai.tool.definitions", out var tools) ? [.. tools.EnumerateArray().Select(tool => tool.GetProperty("name").GetString()!)] : [];
    }
}
