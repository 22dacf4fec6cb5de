using AgentOps.Rca.Importing;

namespace AgentOps.Rca.Tests.Importing;

public sealed class MessagesFileTests : IAsyncDisposable
{
    private const string OpenAi = """
        [{"role":"system","content":"You book rooms."},
         {"role":"user","content":"Book room 7."},
         {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"book","arguments":"{\"room\":7}"}}]},
         {"role":"tool","tool_call_id":"c1","content":"{\"error\":\"room 7 is closed\"}"},
         {"role":"assistant","content":"Room 7 is booked."}]
        """;

    private const string Anthropic = """
        {"model":"claude-x","system":"You book rooms.","tools":[{"name":"book","input_schema":{"type":"object"}}],
         "messages":[{"role":"user","content":"Book room 7."},
         {"role":"assistant","content":[{"type":"text","text":"I book it."},{"type":"tool_use","id":"c1","name":"book","input":{"room":7}}]},
         {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","is_error":true,"content":"room 7 is closed"}]},
         {"role":"assistant","content":[{"type":"text","text":"Room 7 is booked."}]}]}
        """;

    private const string Responses = """
        {"type":"message","role":"user","content":"Book room 7."}
        {"type":"reasoning","summary":[]}
        {"type":"function_call","call_id":"c1","name":"book","arguments":"{\"room\":7}"}
        {"type":"function_call_output","call_id":"c1","output":"Error: room 7 is closed"}
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Room 7 is booked."}]}
        """;

    public static readonly string[] Seeds = [OpenAi, Anthropic, Responses];

    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData(OpenAi)]
    [InlineData(Anthropic)]
    [InlineData(Responses)]
    public async Task A_list_of_messages_is_a_run_with_its_model_calls_and_tools(string file)
    {
        var import = await _bench.ImportAsync(file);

        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal(ImportFormats.Messages, import.Files[0].Format);
        Assert.Equal(["agent.run", "llm.call", "tool.call", "llm.call"], spans.OrderBy(span => span.ParentId is not null).ThenBy(span => span.StartTs).Select(span => span.Tool.Split('/')[0]));
        var run = spans.Single(span => span.ParentId is null);
        Assert.All(spans.Where(span => span != run), span => Assert.Equal(run.SpanId, span.ParentId));
        var tool = spans.Single(span => span.Tool == "tool.call/book");
        Assert.Equal("""{"room":7}""", await _bench.ReadAsync(tool.ArgsDigest));
        Assert.Contains("room 7 is closed", await _bench.ReadAsync(tool.ResultDigest), StringComparison.Ordinal);
        Assert.Contains("Room 7 is booked.", await _bench.ReadAsync(run.ResultDigest), StringComparison.Ordinal);
        Assert.Contains("Book room 7.", await _bench.ReadAsync(run.ArgsDigest), StringComparison.Ordinal);
        Assert.Equal((4, 0), (import.SpansWithoutTime, import.LeftOutCount));
        Assert.All(spans, span => Assert.Equal("start and end", span.Attributes.GetProperty("agentops.times_missing").GetString()));
    }

    [Fact]
    public async Task The_tool_that_failed_is_found()
    {
        var import = await _bench.ImportAsync(Anthropic);

        var report = await _bench.AnalyzeAsync(import.IncidentId);

        Assert.Equal("tool.call/book", report.Hypotheses[0].Tool);
        Assert.Contains("room 7 is closed", report.Hypotheses[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_conversation_a_line_is_one_run_a_line()
    {
        var one = Anthropic.ReplaceLineEndings("");
        var import = await _bench.ImportAsync($"{one}\n{one.Replace("room 7", "room 8", StringComparison.Ordinal)}\n{one}\n");

        Assert.Equal((2, 8, 4), (import.RunCount, import.SpansAdded, import.SpansKnown));
        Assert.Equal((2, "/messages/0"), (_bench.Places[4].Place.Line, _bench.Places[7].Place.Pointer));
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"oracle","content":"?"},7,{"role":"tool","tool_call_id":"none","content":"x"}]""", 3)]
    [InlineData("""[{"role":"user","content":"a \ud83d b"},{"role":"assistant","content":"c \udc00 d"}]""", 0)]
    [InlineData("""[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"ass""", 1)]
    public async Task What_is_wrong_costs_itself_only(string file, int leftOut)
    {
        var import = await _bench.ImportAsync(file);

        Assert.Equal((2, leftOut), (import.SpansAdded, (int)import.LeftOutCount));
    }

    [Fact]
    public async Task A_call_that_was_never_answered_has_no_result_and_says_that_its_end_is_missing()
    {
        var import = await _bench.ImportAsync("""[{"role":"user","content":"Hi","timestamp":"2026-01-02T03:04:05Z"},{"role":"assistant","timestamp":"2026-01-02T03:04:06Z","content":null,"tool_calls":[{"id":"c","function":{"name":"wait","arguments":"{}"}}]}]""");

        var tool = (await _bench.SpansAsync(import.IncidentId)).Single(span => span.Tool == "tool.call/wait");
        Assert.Null(tool.ResultDigest);
        Assert.Equal("end", tool.Attributes.GetProperty("agentops.times_missing").GetString());
        Assert.Equal(1_767_323_046_000_000_000, tool.StartTs);
    }
}
