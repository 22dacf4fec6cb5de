using AgentOps.Rca.Importing;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Importing;

/// <summary>The formats that tell a run as spans.</summary>
public sealed class TreeFormatTests : IAsyncDisposable
{
    private const string Trace = "0102030405060708090a0b0c0d0e0f10";

    private const string Langfuse = $$$"""
        {"trace":{"id":"{{{Trace}}}","name":"booking"},"observations":[
        {"id":"ab00000000000001","traceId":"{{{Trace}}}","type":"AGENT","name":"booker","startTime":"2026-01-02T03:00:00.000Z","endTime":"2026-01-02T03:00:09.000Z","parentObservationId":null,"level":"DEFAULT","input":"\"{\\\"messages\\\":[{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"Book room 7\\\"}]}\"","metadata":"{\"resourceAttributes\":{\"service.name\":\"hotel\"},\"scope\":{\"name\":\"lib\",\"version\":\"1\"},\"attributes\":{\"custom\":\"yes\"}}"},
        {"id":"ab00000000000002","traceId":"{{{Trace}}}","type":"GENERATION","name":"chat","startTime":"2026-01-02T03:00:01Z","endTime":"2026-01-02T03:00:02Z","parentObservationId":"ab00000000000001","model":"gpt-x","usageDetails":{"input":10,"output":2},"input":[{"role":"user","content":"Book room 7"}],"output":{"role":"assistant","content":null,"tool_calls":[{"id":"c1","function":{"name":"book","arguments":"{\"room\":7}"}}]}},
        {"id":"ab00000000000003","traceId":"{{{Trace}}}","type":"TOOL","name":"book","startTime":"2026-01-02T03:00:03Z","endTime":null,"parentObservationId":"ab00000000000001","input":{"room":7},"output":null,"level":"ERROR","statusMessage":"room 7 is closed"}
        ]}
        """;

    private const string LangSmith = """
        {"id":"11111111-1111-1111-1111-111111111111","trace_id":"11111111-1111-1111-1111-111111111111","name":"booker","run_type":"chain","start_time":"2026-01-02T03:00:00","end_time":"2026-01-02T03:00:09","inputs":{"messages":[{"role":"user","content":"Book room 7"}]},"outputs":{"output":"Room 7 is booked."},"prompt_tokens":10,"completion_tokens":2,"parent_run_id":null}
        {"id":"22222222-2222-2222-2222-222222222222","trace_id":"11111111-1111-1111-1111-111111111111","name":"ChatOpenAI","run_type":"llm","start_time":"2026-01-02T03:00:01","end_time":"2026-01-02T03:00:02","inputs":{"messages":[{"role":"user","content":"Book room 7"}]},"outputs":{"generations":[]},"extra":{"metadata":{"ls_model_name":"gpt-x"}},"prompt_tokens":10,"completion_tokens":2,"parent_run_id":"11111111-1111-1111-1111-111111111111"}
        {"id":"33333333-3333-3333-3333-333333333333","trace_id":"11111111-1111-1111-1111-111111111111","name":"book","run_type":"tool","start_time":"2026-01-02T03:00:03","end_time":null,"inputs":{"room":7},"outputs":null,"error":"room 7 is closed","parent_run_id":"11111111-1111-1111-1111-111111111111"}
        """;

    private const string OpenAiAgents = """
        {"object":"trace","id":"trace_1","workflow_name":"booker","group_id":"g1"}
        {"object":"trace.span","id":"span_2","trace_id":"trace_1","parent_id":null,"started_at":"2026-01-02T03:00:01+00:00","ended_at":"2026-01-02T03:00:02+00:00","span_data":{"type":"generation","model":"gpt-x","input":[{"role":"user","content":"Book room 7"}],"output":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","function":{"name":"book","arguments":"{\"room\":7}"}}]}],"usage":{"input_tokens":10,"output_tokens":2}},"error":null}
        {"object":"trace.span","id":"span_3","trace_id":"trace_1","parent_id":null,"started_at":"2026-01-02T03:00:03+00:00","ended_at":null,"span_data":{"type":"function","name":"book","input":"{\"room\":7}","output":null},"error":{"message":"room 7 is closed","data":{"tool_name":"book"}}}
        """;

    private const string Inspect = """
        {"version":2,"status":"success","eval":{"eval_id":"e1","run_id":"r1","task":"booker","model":"gpt-x"},"plan":{},"samples":[{"id":1,"epoch":1,"uuid":"s1","input":"Book room 7","target":"","attachments":{"0123456789abcdef":"Book room 7"},
        "events":[{"event":"span_begin","id":"a","parent_id":null,"type":"solver","name":"generate","timestamp":"2026-01-02T03:00:00Z","span_id":"a"},
        {"event":"model","span_id":"a","timestamp":"2026-01-02T03:00:01Z","completed":"2026-01-02T03:00:02Z","model":"gpt-x","input":[{"id":"m1","role":"user","content":"attachment://0123456789abcdef"}],"tools":[{"name":"book"}],"output":{"choices":[{"message":{"id":"m2","role":"assistant","content":"","tool_calls":[{"id":"c1","function":"book","arguments":{"room":7}}]},"stop_reason":"tool_calls"}],"usage":{"input_tokens":10,"output_tokens":2}}},
        {"event":"tool","span_id":"a","timestamp":"2026-01-02T03:00:03Z","id":"c1","function":"book","arguments":{"room":7},"result":"","error":{"type":"timeout","message":"room 7 is closed"}},
        {"event":"state","timestamp":"2026-01-02T03:00:03Z","changes":[]},{"event":"new_thing","timestamp":"2026-01-02T03:00:03Z"},
        {"event":"span_end","id":"a","timestamp":"2026-01-02T03:00:04Z"}]}]}
        """;

    public static readonly (string Format, string File)[] Seeds =
        [(ImportFormats.Langfuse, Langfuse), (ImportFormats.LangSmith, LangSmith), (ImportFormats.OpenAiAgents, OpenAiAgents), (ImportFormats.Inspect, Inspect)];

    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData(Langfuse, ImportFormats.Langfuse, 0)]
    [InlineData(LangSmith, ImportFormats.LangSmith, 0)]
    [InlineData(OpenAiAgents, ImportFormats.OpenAiAgents, 0)]
    [InlineData(Inspect, ImportFormats.Inspect, 1)]
    public async Task A_run_of_three_steps_has_its_kinds_its_content_its_usage_and_its_failure(string file, string format, int leftOut)
    {
        var import = await _bench.ImportAsync(file);

        Assert.Equal((format, leftOut), (import.Files[0].Format, (int)import.LeftOutCount));
        var spans = await _bench.SpansAsync(import.IncidentId);
        var run = spans.Single(span => span.ParentId is null);
        Assert.Equal("agent.run/booker", run.Tool);
        var model = spans.Single(span => span.Tool == "llm.call/gpt-x");
        Assert.Equal((10, 2), (model.Attributes.GetProperty("gen_ai.usage.input_tokens").GetInt32(), model.Attributes.GetProperty("gen_ai.usage.output_tokens").GetInt32()));
        Assert.Contains("Book room 7", await _bench.ReadAsync(model.ArgsDigest), StringComparison.Ordinal);
        Assert.Equal((1_000_000_000, 1_767_322_801_000_000_000), (model.EndTs - model.StartTs, model.StartTs));
        var tool = spans.Single(span => span.Tool == "tool.call/book");
        Assert.Equal("""{"room":7}""", await _bench.ReadAsync(tool.ArgsDigest));
        Assert.Equal("room 7 is closed", SpanFailure.Read(tool.Attributes)?.Message);
        Assert.Equal("end", tool.Attributes.GetProperty("agentops.times_missing").GetString());

        var again = await _bench.ImportAsync(file);
        Assert.Equal((0L, import.SpansAdded, import.IncidentId), (again.SpansAdded, again.SpansKnown, again.IncidentId));
        var report = await _bench.AnalyzeAsync(import.IncidentId);
        Assert.Equal("tool.call/book", report.Hypotheses[0].Tool);
    }

    [Fact]
    public async Task What_OpenTelemetry_said_stays_in_an_export_of_Langfuse()
    {
        var import = await _bench.ImportAsync(Langfuse);

        var run = (await _bench.SpansAsync(import.IncidentId))[0];
        Assert.Equal(($"{Trace}:ab00000000000001", Trace), (run.SpanId, import.Runs[0]));
        Assert.Equal(("yes", "lib", "hotel"), (run.Attributes.GetProperty("custom").GetString(), run.Attributes.GetProperty("otel.scope.name").GetString(), run.Attributes.GetProperty("resource").GetProperty("service.name").GetString()));
        Assert.Equal("Book room 7", (await _bench.ReadJsonAsync(run.ArgsDigest)).GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal("/observations/0", _bench.Places[0].Place.Pointer);
    }

    [Fact]
    public async Task Runs_within_runs_are_read_too()
    {
        var import = await _bench.ImportAsync("""
            {"id":"11111111-1111-1111-1111-111111111111","name":"booker","run_type":"chain","start_time":"2026-01-02T03:00:00","end_time":"2026-01-02T03:00:09","inputs":{},"child_runs":[
            {"id":"22222222-2222-2222-2222-222222222222","name":"step","run_type":"chain","start_time":"2026-01-02T03:00:00","end_time":"2026-01-02T03:00:09","inputs":{},"child_runs":[
            {"id":"33333333-3333-3333-3333-333333333333","name":"book","run_type":"tool","start_time":"2026-01-02T03:00:00","end_time":"2026-01-02T03:00:09","inputs":{"input":"7"}}]}]}
            """);

        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal(["agent.run/booker", "langsmith/step", "tool.call/book"], spans.Select(span => span.Tool).Order(StringComparer.Ordinal));
        Assert.Equal("/child_runs/0/child_runs/0", _bench.Places[2].Place.Pointer);
        Assert.Equal(1, import.RunCount);
    }

    [Fact]
    public async Task An_archive_of_inspect_has_a_run_a_sample()
    {
        var sample = Inspect[(Inspect.IndexOf("\"samples\":[", StringComparison.Ordinal) + 11)..^2];
        var import = await _bench.ImportAsync(FileImporterTests.Zip(
            ("header.json", """{"version":2,"status":"success","eval":{"eval_id":"e1","task":"booker"},"plan":{}}"""u8.ToArray()),
            ("samples/1_epoch_1.json", System.Text.Encoding.UTF8.GetBytes(sample)),
            ("summaries.json", """[{"id":1,"epoch":1,"input":"Book","target":""}]"""u8.ToArray())));

        Assert.Equal((1, 1), (import.RunCount, (int)import.LeftOutCount));
        Assert.All(import.Files, file => Assert.Equal(ImportFormats.Inspect, file.Format));
        Assert.Contains(await _bench.SpansAsync(import.IncidentId), span => span.Tool == "tool.call/book");
    }
}
