using AgentOps.Rca.Importing;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Importing;

public sealed class TrajectoryFormatTests : IAsyncDisposable
{
    private const string Atif = """
        {"steps":[
        {"step_id":1,"timestamp":"2026-01-02T03:00:00Z","source":"user","message":"Book room 7"},
        {"step_id":2,"timestamp":"2026-01-02T03:00:02Z","source":"agent","message":"I book it.","tool_calls":[{"tool_call_id":"c1","function_name":"book","arguments":{"room":7}},{"tool_call_id":"c2","function_name":"ask","arguments":{}}],
         "observation":{"results":[{"source_call_id":"c1","content":"Error: room 7 is closed"},{"source_call_id":"c2","content":"done","subagent_trajectory_ref":[{"trajectory_id":"child"}]}]},"metrics":{"prompt_tokens":10,"completion_tokens":2,"cached_tokens":4}},
        {"step_id":3,"timestamp":"2026-01-02T03:00:05Z","source":"agent","message":"Room 7 is booked."},
        {"step_id":4,"source":"oracle","message":"?"}],
        "schema_version":"ATIF-v1.7","session_id":"s1","trajectory_id":"t1","agent":{"name":"booker","version":"1","model_name":"gpt-x","tool_definitions":[{"type":"function","function":{"name":"book"}}]},
        "subagent_trajectories":[{"schema_version":"ATIF-v1.7","trajectory_id":"child","agent":{"name":"asker","version":"1","model_name":"gpt-y"},"steps":[{"step_id":1,"source":"user","message":"Ask"},{"step_id":2,"source":"agent","message":"Asked"}]}]}
        """;

    private const string SweAgent = """
        {"environment":"main","trajectory":[
        {"action":"open a.py\n","observation":"[File: a.py]","response":"I open it.\n```\nopen a.py\n```","thought":"I open it.","execution_time":1.5,"state":"{}"},
        {"action":"$(x)","observation":"Error: syntax","response":"I try.","thought":"I try."},
        {"action":"","observation":"","response":"I give up.","thought":"I give up."}],
        "history":[{"role":"system","content":"You edit files."},{"role":"user","content":"A demonstration","is_demo":true},{"role":"user","content":"Mend a.py"},{"role":"assistant","content":"I open it."}],
        "info":{"exit_status":"exit_cost","model_stats":{"tokens_sent":100,"tokens_received":20}}}
        """;

    public static readonly (string Format, string File)[] Seeds = [(ImportFormats.Atif, Atif), (ImportFormats.SweAgent, SweAgent)];

    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_trajectory_of_ATIF_is_a_run_with_those_of_its_sub_agents_below_the_calls_that_name_them()
    {
        var import = await _bench.ImportAsync(Atif);

        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal((ImportFormats.Atif, 1, 1), (import.Files[0].Format, (int)import.LeftOutCount, (int)import.RunCount));
        Assert.Equal(["agent.run/asker", "agent.run/booker", "llm.call/gpt-x", "llm.call/gpt-x", "llm.call/gpt-y", "tool.call/ask", "tool.call/book"], spans.Select(span => span.Tool).Order(StringComparer.Ordinal));
        Assert.Equal(spans.Single(span => span.Tool == "tool.call/ask").SpanId, spans.Single(span => span.Tool == "agent.run/asker").ParentId);
        var model = spans.First(span => span.Tool == "llm.call/gpt-x");
        Assert.Equal((10, 2, 2_000_000_000), (model.Attributes.GetProperty("gen_ai.usage.input_tokens").GetInt32(), model.Attributes.GetProperty("gen_ai.usage.output_tokens").GetInt32(), model.EndTs - model.StartTs));
        Assert.Equal("Error: room 7 is closed", await _bench.ReadAsync(spans.Single(span => span.Tool == "tool.call/book").ResultDigest));
        var report = await _bench.AnalyzeAsync(import.IncidentId);
        Assert.Equal("tool.call/book", report.Hypotheses[0].Tool);
    }

    [Fact]
    public async Task Steps_that_were_copied_from_another_trajectory_are_what_the_model_was_given_and_no_second_calls()
    {
        var import = await _bench.ImportAsync("""
            {"schema_version":"ATIF-v1.6","session_id":"s2","agent":{"name":"booker","version":"1","model_name":"gpt-x"},"steps":[
            {"step_id":1,"source":"user","message":"Book room 7","is_copied_context":true},
            {"step_id":2,"source":"agent","message":"I looked.","is_copied_context":true,"metrics":{"prompt_tokens":10}},
            {"step_id":3,"source":"agent","message":"Room 7 is booked.","metrics":{"prompt_tokens":30,"completion_tokens":3}}]}
            """);

        var model = Assert.Single(await _bench.SpansAsync(import.IncidentId), span => span.Tool == "llm.call/gpt-x");
        Assert.Contains("I looked.", await _bench.ReadAsync(model.ArgsDigest), StringComparison.Ordinal);
        Assert.Equal(30, model.Attributes.GetProperty("gen_ai.usage.input_tokens").GetInt32());
    }

    [Fact]
    public async Task A_trajectory_of_SWE_agent_is_a_run_of_commands_without_times_of_day()
    {
        var import = await _bench.ImportAsync(SweAgent);

        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal((ImportFormats.SweAgent, 0, 6), (import.Files[0].Format, (int)import.LeftOutCount, (int)import.SpansWithoutTime));
        Assert.Equal(["agent.run/swe-agent", "llm.call/chat", "llm.call/chat", "llm.call/chat", "tool.call/bash", "tool.call/open"], spans.Select(span => span.Tool).Order(StringComparer.Ordinal));
        var open = spans.Single(span => span.Tool == "tool.call/open");
        Assert.Equal(("time of day", 1_500_000_000), (open.Attributes.GetProperty("agentops.times_missing").GetString(), open.EndTs - open.StartTs));
        Assert.Equal("""{"command":"open a.py"}""", await _bench.ReadAsync(open.ArgsDigest));
        var run = spans.Single(span => span.ParentId is null);
        Assert.Contains("exit_cost", SpanFailure.Read(run.Attributes)!.Message, StringComparison.Ordinal);
        Assert.Equal(100, run.Attributes.GetProperty("gen_ai.usage.input_tokens").GetInt32());
        var given = await _bench.ReadAsync(spans.First(span => span.Tool == "llm.call/chat").ArgsDigest);
        Assert.Contains("Mend a.py", given, StringComparison.Ordinal);
        Assert.DoesNotContain("A demonstration", given, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("open a.py", "open")]
    [InlineData("rm a.py && submit", "rm")]
    [InlineData("cat a.py | grep x", "cat")]
    [InlineData("cat > a.py <<'E'\\nprint(1); x\\nE", "cat")]
    [InlineData("cat > a.py <<'E'\\nprint(1)\\nsubmit\\nE\\npython a.py", "python")]
    [InlineData("python - <<E\\nimport os\\nE\\nls", "python")]
    [InlineData("cd /repo && PYTHONPATH='a b' X=1 pytest -q", "pytest")]
    [InlineData("# look first\\ncd /repo; ls", "ls")]
    [InlineData("export A=1\\nsource v/bin/activate && make", "make")]
    [InlineData("cd /repo", "cd")]
    [InlineData("cd /repo && ./run.sh", "bash")]
    [InlineData("grep 'a && b; c' x", "grep")]
    [InlineData("edit 1:2\\ncd x\\nend_of_edit", "edit")]
    [InlineData("cat > a.py <<'E'\\nno end", "cat")]
    [InlineData("$(x)", "bash")]
    public async Task A_command_is_called_by_what_it_runs(string action, string name)
    {
        var file = SweAgent.Replace("open a.py\\n", action, StringComparison.Ordinal);
        var import = await _bench.ImportAsync(file);

        var tool = (await _bench.SpansAsync(import.IncidentId)).First(span => span.Tool.StartsWith("tool.call/", StringComparison.Ordinal));
        Assert.Equal("tool.call/" + name, tool.Tool);
        var again = await _bench.ImportAsync(file);
        Assert.Equal((0L, import.SpansAdded), (again.SpansAdded, again.SpansKnown));
    }
}
