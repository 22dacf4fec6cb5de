using AgentOps.Rca.Analysis;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Importing;

/// <summary>Calls that the user did not let run, or stopped: the tool did not fail, and a run that ended with it says so.</summary>
public sealed class EndedByUserTests : IAsyncDisposable
{
    private const string Rejection = "The user doesn't want to proceed with this tool use. The tool use was rejected.";

    private const string ClaudeCode = $$$$$"""
        {"type":"user","sessionId":"s1","uuid":"u1","parentUuid":null,"timestamp":"2026-01-02T03:00:00Z","message":{"role":"user","content":"Roll it out"}}
        {"type":"assistant","sessionId":"s1","uuid":"u2","parentUuid":"u1","timestamp":"2026-01-02T03:00:01Z","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"deploy"}}],"usage":{"input_tokens":1,"output_tokens":1}}}
        {"type":"user","sessionId":"s1","uuid":"u3","parentUuid":"u2","timestamp":"2026-01-02T03:00:02Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"{{{{{Rejection}}}}}","is_error":true}]},"toolUseResult":"User rejected tool use"}
        {"type":"user","sessionId":"s1","uuid":"u4","parentUuid":"u3","timestamp":"2026-01-02T03:00:03Z","message":{"role":"user","content":[{"type":"text","text":"[Request interrupted by user for tool use]"}]}}
        """;

    private const string WentOn = """

        {"type":"user","sessionId":"s1","uuid":"u5","parentUuid":"u4","timestamp":"2026-01-02T03:00:04Z","message":{"role":"user","content":"Then only say what it would do"}}
        {"type":"assistant","sessionId":"s1","uuid":"u6","parentUuid":"u5","timestamp":"2026-01-02T03:00:05Z","message":{"id":"m2","role":"assistant","model":"claude-x","content":[{"type":"text","text":"It would replace six pods."}],"usage":{"input_tokens":1,"output_tokens":1}}}
        """;

    private const string Codex = """
        {"timestamp":"2026-01-02T03:00:00Z","type":"session_meta","payload":{"id":"s2","cli_version":"0.9"}}
        {"timestamp":"2026-01-02T03:00:00Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"Build it"}]}}
        {"timestamp":"2026-01-02T03:00:01Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{}","call_id":"c1"}}
        {"timestamp":"2026-01-02T03:00:05Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c1","output":"OUTPUT"}}
        """;

    private const string Interrupted = """

        {"timestamp":"2026-01-02T03:00:06Z","type":"event_msg","payload":{"type":"turn_aborted","reason":"interrupted"}}
        """;

    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_call_that_the_user_rejected_is_no_error_of_the_tool_and_the_run_that_ended_with_it_says_so()
    {
        var import = await _bench.ImportAsync(ClaudeCode);

        var (tool, run) = await ReadAsync(import);
        Assert.Null(SpanFailure.Read(tool.Attributes));
        Assert.Equal("user_rejected", tool.Attributes.GetProperty("agentops.ended_by_user").GetString());
        Assert.Equal(Rejection, await _bench.ReadAsync(tool.ResultDigest));
        Assert.Equal(("user_rejected", "The user rejected the call of Bash."), (SpanFailure.Read(run.Attributes)?.Type, SpanFailure.Read(run.Attributes)?.Message));
        var report = await _bench.AnalyzeAsync(import.IncidentId);
        Assert.Equal(run.Tool, report.Hypotheses[0].Tool);
        Assert.Contains("The user rejected the call of Bash.", report.RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_went_on_after_it_did_not_fail()
    {
        var import = await _bench.ImportAsync(ClaudeCode + WentOn);

        var (tool, run) = await ReadAsync(import);
        Assert.Equal((null, null), (SpanFailure.Read(tool.Attributes), SpanFailure.Read(run.Attributes)));
        var report = await _bench.AnalyzeAsync(import.IncidentId);
        Assert.NotEqual(RcaVerdict.Identified, report.Verdict);
        var given = await _bench.ReadAsync((await _bench.SpansAsync(import.IncidentId)).Last(span => span.Tool == "llm.call/claude-x").ArgsDigest);
        Assert.Contains(Rejection, given, StringComparison.Ordinal);
        Assert.DoesNotContain("is_error", given, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_tool_says_of_itself_stays_an_error_whatever_it_quotes()
    {
        var import = await _bench.ImportAsync(ClaudeCode.Replace(Rejection, "Exit code 1: " + Rejection, StringComparison.Ordinal).Replace("User rejected tool use", "Error: exit 1", StringComparison.Ordinal));

        var (tool, _) = await ReadAsync(import);
        Assert.NotNull(SpanFailure.Read(tool.Attributes));
        Assert.False(tool.Attributes.TryGetProperty("agentops.ended_by_user", out _));
    }

    [Theory]
    [InlineData("aborted by user after 5.0s", "cancelled", "The user stopped the call of shell.")]
    [InlineData("Wall time: 5.0 seconds\\naborted by user", "cancelled", "The user stopped the call of shell.")]
    [InlineData("exec command rejected by user", "user_rejected", "The user rejected the call of shell.")]
    [InlineData("user rejected MCP tool call", "user_rejected", "The user rejected the call of shell.")]
    public async Task Codex_says_it_in_the_result(string output, string outcome, string said)
    {
        var (tool, run) = await ReadAsync(await _bench.ImportAsync(Codex.Replace("OUTPUT", output, StringComparison.Ordinal) + Interrupted));

        Assert.Null(SpanFailure.Read(tool.Attributes));
        Assert.Equal(outcome, tool.Attributes.GetProperty("agentops.ended_by_user").GetString());
        Assert.Equal((outcome, said), (SpanFailure.Read(run.Attributes)?.Type, SpanFailure.Read(run.Attributes)?.Message));
    }

    [Theory]
    [InlineData("ok", true)]
    [InlineData("log:\\nline 1\\nthe order was rejected by user 7\\nline 3", false)]
    public async Task Other_results_are_the_tools_own_and_an_interruption_is_that_of_the_run(string output, bool isInterrupted)
    {
        var (tool, run) = await ReadAsync(await _bench.ImportAsync(Codex.Replace("OUTPUT", output, StringComparison.Ordinal) + (isInterrupted ? Interrupted : "")));

        Assert.False(tool.Attributes.TryGetProperty("agentops.ended_by_user", out _));
        Assert.Equal(isInterrupted ? "The user interrupted the run." : null, SpanFailure.Read(run.Attributes)?.Message);
    }

    private async Task<(Span Tool, Span Run)> ReadAsync(FileImport import)
    {
        var spans = await _bench.SpansAsync(import.IncidentId);
        return (spans.Single(span => span.Tool.StartsWith("tool.call/", StringComparison.Ordinal)), spans.Single(span => span.ParentId is null));
    }
}
