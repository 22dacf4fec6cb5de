using System.IO.Compression;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Evals;
using AgentOps.Rca.Evals.AgentRuns;
using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.Evals.Tau;
using AgentOps.Rca.Evals.WhoAndWhen;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Tests.Evals;

public sealed class AgentEvalsTests : IDisposable
{
    private const string Trace = "0102030405060708090a0b0c0d0e0f10";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("agentops-rca-evals-");

    [Theory]
    [InlineData(false, "trace")]
    [InlineData(true, "trace, with background")]
    public async Task A_recorded_run_is_replayed_and_graded_beside_the_references_and_the_rules(bool background, string method)
    {
        WriteRuns();

        var rows = await AgentRunsEval.RunAsync(Options("agents", background ? ["--background"] : []));

        var failing = rows.Single(row => row.System == "failing" && row.Method == method && row.FaultType is null);
        Assert.Equal((1, 1.0, 1.0), (failing.N, failing.As1, failing.Step));
        var good = rows.Single(row => row.System == "good" && row.Method == method);
        Assert.Equal((1, 0), (good.N, good.FalseAlarms));
        Assert.Equal(1.0, rows.Single(row => row is { System: "failing", Method: "rules" }).As1);
        Assert.Equal((1, 0), rows.Where(row => row is { System: "good", Method: "rules" }).Select(row => (row.N, row.FalseAlarms)).Single());
        Assert.Equal((2, 0), rows.Where(row => row is { System: "earlier good runs", Method: "rules" }).Select(row => (row.N, row.FalseAlarms)).Single());
        Assert.Equal(1.0, rows.Single(row => row.Method == "first error").As1);
        Assert.Equal(0.0, rows.Single(row => row.Method == "last model call").As1);
        var json = JsonSerializer.SerializeToElement(rows, EvalsJsonContext.Default.ListRow);
        Assert.Equal(0, json.EnumerateArray().First(row => row.GetProperty("system").GetString() == "good").GetProperty("false_alarms").GetInt32());
    }

    [Fact]
    public async Task Only_the_runs_that_are_named_are_evaluated()
    {
        WriteRuns();

        Assert.Equal(0, (await AgentRunsEval.RunAsync(Options("agents", "--only", "fine"))).Count(row => row.System == "failing"));
        Assert.Empty(await AgentRunsEval.RunAsync(Options("agents", "--only", "nobody")));
        Assert.False(await AgentRunsEval.PrintAsync(Options("agents"), "nobody"));
    }

    [Theory]
    [InlineData("failed", "broken", "right", 1)]
    [InlineData("failed", "something else", "place", 1)]
    [InlineData("elsewhere", "broken", "wrong", null)]
    public async Task Grades_ask_for_the_place_and_for_the_mechanism(string span, string mechanism, string grade, int? rank)
    {
        WriteRuns();
        var run = AgentRun.ReadAll(Path.Combine(_data.FullName, "agent-runs"))[0] with { Mechanism = mechanism };
        run = run with { CulpritSpans = [span == "failed" ? run.CulpritSpans[0] : $"{Trace}:ffffffffffffffff"] };
        await using var host = new EvalHost(Options("agents"));
        await AgentRun.SendAsync(host, Path.Combine(_data.FullName, "agent-runs"), run.Name);
        var analysed = await host.AnalyzeAsync(run.Symptom, run.ProblemType, null, run.TraceIds);

        Assert.Equal((grade, rank), (AgentRunGrade.Of(run, analysed).Grade.ToLowerInvariant(), AgentRunGrade.Of(run, analysed).Rank));
        Assert.Equal("ALARM", AgentRunGrade.Of(run with { Fault = null }, analysed).Grade);
        Assert.Equal("wrong", AgentRunGrade.Of(run with { Knowable = false }, analysed).Grade.ToLowerInvariant());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tool_call_of_a_conversation_stands_for_the_message_that_asked_for_it(bool nested)
    {
        var run = JsonSerializer.Deserialize(Conversation, EvalsJsonContext.Default.TauRun)!;
        using var tools = JsonDocument.Parse("[]");

        var otlp = TauOtlp.Of(run, Trace, "retail", tools.RootElement, nested);

        Assert.Equal([2, 2, 4], otlp.Messages.OrderBy(span => span.Key, StringComparer.Ordinal).Select(span => span.Value));
        Assert.Equal(2, run.ModelCallOf(3));
        using var body = JsonDocument.Parse(otlp.Body);
        var spans = body.RootElement.GetProperty("resourceSpans")[0].GetProperty("scopeSpans")[0].GetProperty("spans");
        var tool = spans.EnumerateArray().Single(span => span.GetProperty("name").GetString() == "execute_tool find");
        Assert.Equal(nested ? "0000000000000002" : "0000000000000001", tool.GetProperty("parentSpanId").GetString());
        Assert.False(tool.TryGetProperty("status", out _));
    }

    [Fact]
    public async Task Conversations_are_scored_by_step_and_those_that_succeeded_by_verdicts()
    {
        foreach (var kind in new[] { "failed", "succeeded" })
        {
            Write($"tau/retail/{kind}/7.json.gz", Conversation.Replace("\"root_cause\"", kind == "failed" ? "\"root_cause\"" : "\"none\"", StringComparison.Ordinal));
        }

        File.WriteAllText(Path.Combine(_data.FullName, "tau/retail/tools.json"), """[{"type":"function","function":{"name":"find","description":"Finds.","parameters":{"type":"object"}}}]""");

        var rows = await TauEval.RunAsync(Options("tau"));

        var failed = rows.Single(row => row is { System: "retail, failed", Method: "trace" });
        Assert.Equal(1, failed.N);
        Assert.NotNull(failed.Within3);
        Assert.Equal(1, rows.Single(row => row is { System: "retail, succeeded", Method: "trace" }).N);
        Assert.Equal(1.0, rows.Single(row => row.Method == "first error").As1);
    }

    [Fact]
    public async Task A_failed_run_is_sent_as_model_calls_too()
    {
        Write("whoandwhen/hand-crafted/1.json.gz", """
            {"question":"How many?","mistake_agent":"B","mistake_step":"1","history":[{"role":"A","content":"Count."},{"role":"B","content":"Seven."}]}
            """);

        var row = (await WhoAndWhenEval.RunAsync(Options("whoandwhen"))).Single(row => row.Method == "trace, as model calls");

        Assert.Equal((1, 1.0), (row.N, row.Inconclusive));
    }

    [Fact]
    public async Task What_is_no_OTLP_is_named()
    {
        await using var host = new EvalHost(Options("agents"));

        await Assert.ThrowsAsync<InvalidDataException>(() => host.SendAsync("x", "/v1/metrics", default, OtlpEncoding.Json));
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => host.SendAsync("x", "/v1/traces", "{"u8.ToArray(), OtlpEncoding.Json));
        Assert.Contains("x has a request to /v1/traces that is no OTLP", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _data.Delete(recursive: true);

    private const string Conversation = """
        {"id":7,"root_cause":{"step":3,"category":"c","reason":"r"},"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Where is it?"},
        {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"find","arguments":"{\"id\":\"7\"}"}}]},
        {"role":"tool","tool_call_id":"c1","name":"find","content":"Error: broken"},{"role":"assistant","content":"I cannot find it."}]}
        """;

    private EvalOptions Options(string command, params string[] more) => EvalOptions.Read([command, "--data", _data.FullName, .. more]).Options!;

    // An agent whose tool fails, one whose tool works, and two good runs before them.
    private void WriteRuns()
    {
        Directory.CreateDirectory(Path.Combine(_data.FullName, "agent-runs"));
        File.WriteAllText(Path.Combine(_data.FullName, "agent-runs", "truth.json"), $$"""
            [{"name":"sick","framework":"f","fault":"broken","knowable":true,"culprit_spans":["{{Trace}}:00000000000000a2"],"mechanism":"broken","cause":"c","symptom":"s",
              "problem_type":"p","eta_delta_hours":null,"trace_ids":["{{Trace}}"]},
             {"name":"fine","framework":"f","fault":null,"knowable":true,"symptom":"none","problem_type":"p","trace_ids":["{{Other(1)}}"]}]
            """);
        WriteRun("sick", Trace, failed: true, gzip: true);
        WriteRun("fine", Other(1), failed: false, gzip: false);
        WriteRun("sick.before", Other(2), failed: false, gzip: false);
        WriteRun("background", Other(3), failed: false, gzip: true);
    }

    private static string Other(int number) => Trace[..31] + number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void WriteRun(string name, string trace, bool failed, bool gzip)
    {
        string Span(string id, string parent, string title, int second, string attributes, string more = "") => $$"""
            {"traceId":"{{trace}}","spanId":"{{id}}","parentSpanId":"{{parent}}","name":"{{title}}","startTimeUnixNano":"{{1_767_225_600 + second}}000000000",
             "endTimeUnixNano":"{{1_767_225_600 + second}}900000000","attributes":[{{attributes}}]{{more}}}
            """;
        string Text(string key, string value) => $$$"""{"key":"{{{key}}}","value":{"stringValue":"{{{value}}}"}}""";
        var body = $$$"""
            {"resourceSpans":[{"scopeSpans":[{"spans":[
            {{{Span("00000000000000a1", "", "invoke_agent a", 0, Text("gen_ai.operation.name", "invoke_agent"))}}},
            {{{Span("00000000000000a2", "00000000000000a1", "execute_tool pay", 1, Text("gen_ai.operation.name", "execute_tool") + "," + Text("gen_ai.tool.name", "pay"),
                failed ? ""","status":{"code":2,"message":"The pipe is broken."}""" : "")}}},
            {{{Span("00000000000000a3", "00000000000000a1", "chat m", 2, Text("gen_ai.operation.name", "chat") + "," + Text("gen_ai.request.model", "m"))}}}]}]}]}
            """;
        var bytes = Encoding.UTF8.GetBytes(body);
        var content = Convert.ToBase64String(gzip ? Zip(bytes) : bytes);
        Write($"agent-runs/{name}.jsonl.gz", $$"""{"path":"/v1/traces","content_type":"application/json"{{(gzip ? ",\"content_encoding\":\"gzip\"" : "")}},"body":"{{content}}"}""");
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_data.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Zip(Encoding.UTF8.GetBytes(text)));
    }

    private static byte[] Zip(byte[] content)
    {
        using var zipped = new MemoryStream();
        using (var packer = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            packer.Write(content);
        }

        return zipped.ToArray();
    }
}
