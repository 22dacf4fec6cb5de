using System.Text;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Importing;

public sealed class CodexFileTests : IAsyncDisposable
{
    private const string Session = """
        {"timestamp":"2026-01-02T03:00:00Z","type":"session_meta","payload":{"id":"s1","cli_version":"0.9","instructions":"Be brief."}}
        {"timestamp":"2026-01-02T03:00:00Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>x</environment_context>"}]}}
        {"timestamp":"2026-01-02T03:00:00Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"Build it"}]}}
        {"timestamp":"2026-01-02T03:00:00Z","type":"event_msg","payload":{"type":"user_message","message":"Build it"}}
        {"timestamp":"2026-01-02T03:00:00Z","type":"turn_context","payload":{"model":"gpt-x"}}
        {"timestamp":"2026-01-02T03:00:02Z","type":"response_item","payload":{"type":"reasoning","summary":[]}}
        {"timestamp":"2026-01-02T03:00:03Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{\"command\":[\"make\"]}","call_id":"c1"}}
        {"timestamp":"2026-01-02T03:00:03Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"total_tokens":11},"last_token_usage":{"input_tokens":10,"cached_input_tokens":4,"output_tokens":1}}}}
        {"timestamp":"2026-01-02T03:00:05Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c1","output":"{\"output\":\"make: *** No rule\",\"metadata\":{\"exit_code\":2,\"duration_seconds\":1.5}}"}}
        {"timestamp":"2026-01-02T03:00:05Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"total_tokens":11},"last_token_usage":{"input_tokens":10,"cached_input_tokens":4,"output_tokens":1}}}}
        {"timestamp":"2026-01-02T03:00:06Z","type":"event_msg","payload":{"type":"stream_error","message":"stream disconnected"}}
        {"timestamp":"2026-01-02T03:00:08Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"It does not build."}]}}
        {"timestamp":"2026-01-02T03:00:08Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"total_tokens":31},"last_token_usage":{"input_tokens":19,"output_tokens":1}}}}
        """;

    private const string First = """
        {"id":"s1","timestamp":"2025-06-02T03:00:00Z","instructions":null}
        {"record_type":"state"}
        {"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}
        {"record_type":"state"}
        {"type":"function_call","name":"shell","arguments":"{}","call_id":"c1"}
        {"type":"function_call_output","call_id":"c1","output":"Exit code: 0\nWall time: 1 seconds\nOutput:\nok"}
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Done"}]}
        """;

    public static readonly string[] Seeds = [Session, First];

    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_session_is_a_run_and_its_tokens_count_once()
    {
        var import = await _bench.ImportAsync(Session);

        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal(ImportFormats.Codex, import.Files[0].Format);
        Assert.Equal(["agent.run/codex", "llm.call/gpt-x", "tool.call/shell", "llm.call/gpt-x", "llm.call/gpt-x"], spans.OrderBy(span => span.ParentId is not null).ThenBy(span => span.StartTs).Select(span => span.Tool));
        var models = spans.Where(span => span.Tool == "llm.call/gpt-x").ToList();
        Assert.Equal([10L, 0, 19], models.Select(span => span.Attributes.TryGetProperty("gen_ai.usage.input_tokens", out var count) ? count.GetInt64() : 0));
        Assert.Equal("stream disconnected", SpanFailure.Read(models[1].Attributes)?.Message);
        var tool = spans.Single(span => span.Tool == "tool.call/shell");
        Assert.Equal(2_000_000_000, tool.EndTs - tool.StartTs);
        Assert.Equal(2, tool.Attributes.GetProperty("process.exit.code").GetInt32());
        Assert.NotNull(SpanFailure.Read(tool.Attributes));
        Assert.Contains("Build it", await _bench.ReadAsync(spans[0].ArgsDigest), StringComparison.Ordinal);
        Assert.DoesNotContain("environment_context", await _bench.ReadAsync(spans.Single(span => span.ParentId is null).ArgsDigest), StringComparison.Ordinal);
        Assert.Equal(0, import.LeftOutCount);
    }

    [Fact]
    public async Task The_first_form_of_the_files_is_read_too()
    {
        var import = await _bench.ImportAsync(First);

        Assert.Equal((4L, 0L), (import.SpansAdded, import.LeftOutCount));
        Assert.Null(SpanFailure.Read((await _bench.SpansAsync(import.IncidentId)).Single(span => span.Tool == "tool.call/shell").Attributes));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    [InlineData("zip")]
    public async Task A_part_of_a_session_that_has_lost_its_first_line_is_read_to_its_end(string packing)
    {
        var lines = Session.ReplaceLineEndings("\n").Split('\n');
        var note = lines[2].Replace("Build it", new string('x', 1_000), StringComparison.Ordinal);
        var file = Encoding.UTF8.GetBytes(string.Join('\n', [.. lines[1..6], .. Enumerable.Repeat(note, 500), .. lines[6..]]));

        var import = await _bench.ImportAsync(packing switch { "gzip" => FileImporterTests.Gzip(file), "zip" => FileImporterTests.Zip(("a", file)), _ => file });

        Assert.Equal(512, import.Files[0].Records);
        Assert.Equal(0, import.LeftOutCount);
        var run = (await _bench.SpansAsync(import.IncidentId)).Single(span => span.ParentId is null);
        Assert.Contains("It does not build.", await _bench.ReadAsync(run.ResultDigest), StringComparison.Ordinal);
    }
}
