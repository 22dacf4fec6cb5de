using AgentOps.Rca.Importing;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Importing;

public sealed class ClaudeCodeFileTests : IAsyncDisposable
{
    private const string Session = """
        {"type":"summary","summary":"Fix it","leafUuid":"u9"}
        {"type":"user","sessionId":"s1","uuid":"u1","parentUuid":null,"isSidechain":false,"version":"2.0.1","timestamp":"2026-01-02T03:00:00.000Z","message":{"role":"user","content":"Read a.txt"}}
        {"type":"assistant","sessionId":"s1","uuid":"u2","parentUuid":"u1","isSidechain":false,"timestamp":"2026-01-02T03:00:02.000Z","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"text","text":"I look."}],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":1}}}
        {"type":"assistant","sessionId":"s1","uuid":"u3","parentUuid":"u2","isSidechain":false,"timestamp":"2026-01-02T03:00:03.000Z","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"a.txt"}}],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":20}}}
        {"type":"user","sessionId":"s1","uuid":"u4","parentUuid":"u3","isSidechain":false,"timestamp":"2026-01-02T03:00:04.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"File does not exist.","is_error":true}]}}
        {"type":"assistant","sessionId":"s1","uuid":"u5","parentUuid":"u3","isSidechain":false,"timestamp":"2026-01-02T03:00:04.500Z","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t2","name":"Glob","input":{"pattern":"*.txt"}}],"stop_reason":"tool_use","usage":{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":30}}}
        {"type":"user","sessionId":"s1","uuid":"u6","parentUuid":"u5","isSidechain":false,"timestamp":"2026-01-02T03:00:05.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t2","content":"b.txt"}]}}
        {"type":"system","subtype":"api_error","sessionId":"s1","uuid":"u7","parentUuid":"u6","isSidechain":false,"timestamp":"2026-01-02T03:00:06.000Z","retryAttempt":1,"error":{"status":529,"error":{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}}}
        {"type":"assistant","sessionId":"s1","uuid":"u8","parentUuid":"u6","isSidechain":false,"timestamp":"2026-01-02T03:00:09.000Z","message":{"id":"m2","role":"assistant","model":"claude-x","content":[{"type":"text","text":"There is no a.txt."}],"stop_reason":"end_turn","usage":{"input_tokens":200,"output_tokens":8}}}
        """;

    private const string Subagent = """
        {"type":"user","sessionId":"s1","uuid":"u1","parentUuid":null,"isSidechain":false,"timestamp":"2026-01-02T03:00:00Z","message":{"role":"user","content":"Find the cause"}}
        {"type":"assistant","sessionId":"s1","uuid":"u2","parentUuid":"u1","isSidechain":false,"timestamp":"2026-01-02T03:00:01Z","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t1","name":"Task","input":{"prompt":"Look into b","subagent_type":"explorer"}}],"usage":{"input_tokens":1,"output_tokens":1}}}
        {"type":"user","sessionId":"s1","uuid":"c1","parentUuid":null,"isSidechain":true,"timestamp":"2026-01-02T03:00:02Z","message":{"role":"user","content":"Look into b"}}
        {"type":"assistant","sessionId":"s1","uuid":"c2","parentUuid":"c1","isSidechain":true,"timestamp":"2026-01-02T03:00:03Z","message":{"id":"m2","role":"assistant","model":"claude-y","content":[{"type":"text","text":"b is empty"}],"usage":{"input_tokens":1,"output_tokens":1}}}
        {"type":"user","sessionId":"s1","uuid":"u3","parentUuid":"u2","isSidechain":false,"timestamp":"2026-01-02T03:00:04Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"b is empty"}]}}
        """;

    public static readonly string[] Seeds = [Session, Subagent];

    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_session_is_a_run_whose_answers_count_once_whose_retries_are_calls_and_whose_tools_have_their_times()
    {
        var import = await _bench.ImportAsync(Session);

        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal(ImportFormats.ClaudeCode, import.Files[0].Format);
        Assert.Equal(["agent.run/claude-code", "llm.call/claude-x", "llm.call/claude-x", "llm.call/claude-x", "tool.call/Glob", "tool.call/Read"], spans.Select(span => span.Tool).Order(StringComparer.Ordinal));
        var models = spans.Where(span => span.Tool == "llm.call/claude-x").ToList();
        Assert.Equal([(100L, 30L), (0L, 0L), (200L, 8L)], models.Select(span => (Count(span, "gen_ai.usage.input_tokens"), Count(span, "gen_ai.usage.output_tokens"))));
        Assert.Equal("Overloaded", SpanFailure.Read(models[1].Attributes)?.Message);
        Assert.Equal([0L, 5_000_000_000, 6_000_000_000], models.Select(span => span.StartTs - spans[0].StartTs));
        var read = spans.Single(span => span.Tool == "tool.call/Read");
        Assert.Equal((3_000_000_000, 4_000_000_000), (read.StartTs - spans[0].StartTs, read.EndTs - spans[0].StartTs));
        Assert.Equal("File does not exist.", SpanFailure.Read(read.Attributes)?.Message);
        Assert.Null(SpanFailure.Read(spans.Single(span => span.Tool == "tool.call/Glob").Attributes));
        Assert.Equal("line 3", _bench.Places.First(place => place.Tool == "llm.call/claude-x").Place.ToString());
        Assert.Equal(0, import.LeftOutCount);
        var given = await _bench.ReadAsync(models[2].ArgsDigest);
        Assert.Contains("File does not exist.", given, StringComparison.Ordinal);
        Assert.Contains("b.txt", given, StringComparison.Ordinal);
        Assert.DoesNotContain("Read a.txt", given, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_of_the_web_service_is_one_document_whose_lines_name_no_session()
    {
        const string Web = """
            {
              "loglines": [
                {"type":"user","timestamp":"2026-01-02T03:00:00.000Z","message":{"content":"Read a.txt","role":"user"}},
                {"type":"assistant","timestamp":"2026-01-02T03:00:02.000Z","message":{"role":"assistant","content":[{"type":"text","text":"I look."},{"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"a.txt"}}]}},
                {"type":"user","timestamp":"2026-01-02T03:00:03.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"File does not exist.","is_error":true}]}},
                {"type":"assistant","timestamp":"2026-01-02T03:00:05.000Z","message":{"role":"assistant","content":[{"type":"text","text":"There is no a.txt."}]}}
              ]
            }
            """;
        var import = await _bench.ImportAsync(Web);
        var spans = await _bench.SpansAsync(import.IncidentId);

        Assert.Equal((ImportFormats.ClaudeCode, 0, 1), (import.Files[0].Format, import.LeftOutCount, import.RunCount));
        Assert.Equal(["agent.run/claude-code", "llm.call/chat", "llm.call/chat", "tool.call/Read"], spans.Select(span => span.Tool).Order(StringComparer.Ordinal));
        Assert.Equal("File does not exist.", SpanFailure.Read(spans.Single(span => span.Tool == "tool.call/Read").Attributes)?.Message);
        Assert.Equal((spans.Count, 0), (await _bench.ImportAsync(Web)) is { } again ? ((int)again.SpansKnown, (int)again.SpansAdded) : default);
    }

    [Fact]
    public async Task A_sub_agent_in_the_same_file_is_a_run_below_the_call_that_started_it()
    {
        var import = await _bench.ImportAsync(Subagent);

        var spans = await _bench.SpansAsync(import.IncidentId);
        var agent = spans.Single(span => span.Tool == "agent.run/explorer");
        Assert.Equal(spans.Single(span => span.Tool == "tool.call/Task").SpanId, agent.ParentId);
        Assert.Equal(agent.SpanId, spans.Single(span => span.Tool == "llm.call/claude-y").ParentId);
        Assert.Equal((1, 5L), (import.RunCount, import.SpansAdded));
    }

    [Fact]
    public async Task A_session_that_has_grown_adds_what_is_new()
    {
        var lines = Session.Split('\n');
        var first = await _bench.ImportAsync(string.Join('\n', lines.Take(5)));
        var second = await _bench.ImportAsync(Session);

        Assert.Equal(first.IncidentId, second.IncidentId);
        Assert.True(second.SpansAdded > 0);
        Assert.NotNull(await _bench.AnalyzeAsync(second.IncidentId));
    }

    [Fact]
    public async Task The_stream_that_it_prints_is_read_too()
    {
        var import = await _bench.ImportAsync("""
            {"type":"system","subtype":"init","session_id":"s1","tools":["Bash"],"model":"claude-x"}
            {"type":"assistant","session_id":"s1","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"make"}}],"usage":{"input_tokens":1,"output_tokens":1}}}
            {"type":"user","session_id":"s1","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"make: *** No rule","is_error":true}]}}
            {"type":"result","subtype":"error_max_turns","session_id":"s1","is_error":true}
            """);

        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal((3, 3), (spans.Count, (int)import.SpansWithoutTime));
        Assert.Equal("error_max_turns", SpanFailure.Read(spans.Single(span => span.Tool == "agent.run/claude-code").Attributes)?.Message);
    }

    [Fact]
    public async Task An_answer_that_somebody_interrupts_keeps_its_rest_and_its_tokens_count_once()
    {
        var import = await _bench.ImportAsync("""
            {"type":"user","sessionId":"s1","uuid":"u1","timestamp":"2026-01-02T03:00:00Z","parentUuid":null,"message":{"role":"user","content":"Go"}}
            {"type":"assistant","sessionId":"s1","uuid":"u2","timestamp":"2026-01-02T03:00:01Z","parentUuid":"u1","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"text","text":"one"}],"usage":{"input_tokens":10,"output_tokens":5}}}
            {"type":"user","sessionId":"s1","uuid":"u3","timestamp":"2026-01-02T03:00:02Z","parentUuid":"u2","message":{"role":"user","content":"Wait"}}
            {"type":"assistant","sessionId":"s1","uuid":"u4","timestamp":"2026-01-02T03:00:03Z","parentUuid":"u2","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"text","text":"two"}],"usage":{"input_tokens":10,"output_tokens":5}}}
            """);

        var models = (await _bench.SpansAsync(import.IncidentId)).Where(span => span.Tool == "llm.call/claude-x").ToList();
        Assert.Equal((3L, 0L, 10L), (import.SpansAdded, import.SpansRefused, models.Sum(span => Count(span, "gen_ai.usage.input_tokens"))));
        Assert.Contains("two", await _bench.ReadAsync(models[1].ResultDigest), StringComparison.Ordinal);
    }

    private static long Count(Span span, string name) => span.Attributes.TryGetProperty(name, out var count) ? count.GetInt64() : 0;

    [Fact]
    public async Task What_the_program_notes_for_itself_is_not_named_and_what_is_not_known_is()
    {
        var import = await _bench.ImportAsync(Session + "\n" + """
            {"type":"file-history-snapshot","messageId":"u1","snapshot":{},"isSnapshotUpdate":false}
            {"type":"system","subtype":"turn_duration","sessionId":"s1","uuid":"n1","timestamp":"2026-01-02T03:00:10Z","durationMs":9}
            {"type":"system","subtype":"never_seen","sessionId":"s1","uuid":"n2","timestamp":"2026-01-02T03:00:11Z"}
            {"type":"never-seen","sessionId":"s1"}
            """);

        Assert.Equal(["Lines of the program itself (never_seen) tell of no step.", "A line has a type that is not known."], import.LeftOut.Select(kind => kind.What));
        var nothing = Assert.IsType<ImportOutcome.NotUnderstood>(await _bench.TryAsync("""{"type":"summary","summary":"Fix it","leafUuid":"u9"}"""u8.ToArray()));
        Assert.Contains("Lines of the type 'summary' tell of no step.", nothing.Reason, StringComparison.Ordinal);
    }
}
