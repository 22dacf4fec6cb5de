using System.Text;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Importing.Sources;

namespace AgentOps.Rca.Tests.Importing;

/// <summary>What files of other people have that their formats' descriptions do not tell.</summary>
public sealed class WildFileTests : IAsyncDisposable
{
    private const string Wrong = """{"role":"assistant","content":null,"tool_calls":[{"id":"c#","type":"function","function":{"name":"submit","arguments":"{\"flag\":\"flat\"}"}}]},{"role":"tool","tool_call_id":"c#","content":"Wrong flag!"}""";

    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    public static TheoryData<string> Timeless => new(
        $$"""[{"role":"user","content":"Find the flag."},{{string.Join(',', Enumerable.Range(1, 4).Select(number => Wrong.Replace("#", $"{number}", StringComparison.Ordinal)))}}]""",
        """[{"role":"user","content":"Book room 7."},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","function":{"name":"book","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","status":"error","content":"room 7 is closed"},{"role":"assistant","content":null,"tool_calls":[{"id":"c2","function":{"name":"book","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c2","status":"error","content":"room 7 is closed"}]""",
        """{"environment":"swe","trajectory":[{"action":"ls\n","observation":"a","response":"ls","thought":"look"},{"action":"make\n","observation":"make: *** No rule to make target 'all'.  Stop.","response":"make","thought":"build"},{"action":"make\n","observation":"make: *** No rule to make target 'all'.  Stop.","response":"make","thought":"again"},{"action":"make\n","observation":"make: *** No rule to make target 'all'.  Stop.","response":"make","thought":"again"},{"action":"make\n","observation":"make: *** No rule to make target 'all'.  Stop.","response":"make","thought":"again"}],"history":[],"info":{"exit_status":"exit_cost"}}""");

    [Theory]
    [MemberData(nameof(Timeless))]
    public async Task Nothing_names_a_time_that_the_file_does_not_have(string file)
    {
        var import = await _bench.ImportAsync(file);

        var report = await _bench.AnalyzeAsync(import.IncidentId);

        Assert.NotNull(report.RootCause);
        Assert.All(
            [report.RootCause, report.Summary, report.EmailDraft, .. report.Evidence.Select(one => one.Text), .. report.Hypotheses.Select(one => one.Cause), .. report.ContributingFactors, .. report.Timeline.Select(one => one.Text)],
            text => Assert.DoesNotMatch(@"UTC|00:00|\d m?s\b|  |\s[.,;]", text));
        Assert.Contains(report.Gaps, gap => gap.StartsWith("When ", StringComparison.Ordinal) && gap.Contains("is not recorded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_of_conversations_is_a_run_each()
    {
        const string one = """{"task_id":1,"reward":0.0,"traj":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}""";
        var import = await _bench.ImportAsync($"[{one},\n{one.Replace("Hello", "Bye", StringComparison.Ordinal)},{one.Replace("traj", "messages", StringComparison.Ordinal)}]");

        Assert.Equal((3, 6, 0), (import.RunCount, import.SpansAdded, import.LeftOutCount));
        Assert.Equal(["1 /0/traj/1", "1 /0/traj/0", "2 /1/traj/1"], _bench.Places.Take(3).Select(place => place.Place.ToString()[5..]));
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    public async Task Numbers_that_only_Python_knows_are_read_wherever_they_stand(string number)
    {
        var log = $$$"""
            {"version":2,"results":{"accuracy":{{{number}}},"all":[{{{number}}},{{{number}}}]},"eval":{"eval_id":"e","run_id":"r","task":"t"},"plan":{},"samples":[
            {"id":1,"epoch":1,"uuid":"s1","input":"Hi","target":"","scores":{"s":{"value":{{{number}}}}},"messages":[{"role":"user","content":"say NaN, \"Infinity"},{"role":"assistant","content":"NaN"}]},
            {"id":2,"epoch":1,"uuid":"s2","input":"Hi","target":"","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Bye"}]}]}
            """;
        var import = await _bench.ImportAsync(log);
        var lines = await _bench.ImportAsync($$$"""
            {"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","function":{"name":"add","arguments":{"a":{{{number}}} } } }] }] }
            {"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Bye"}],"score":{{{number}}} }
            """);

        Assert.Equal((ImportFormats.Inspect, 2, 0), (import.Files[0].Format, (int)import.RunCount, (int)import.LeftOutCount));
        Assert.Equal((2, 0), ((int)lines.RunCount, (int)lines.LeftOutCount));
        var tool = (await _bench.SpansAsync(lines.IncidentId)).Single(span => span.Tool == "tool.call/add");
        Assert.Equal(number, (await _bench.ReadJsonAsync(tool.ArgsDigest)).GetProperty("a").GetString());
        Assert.Contains(_bench.Places, place => place.Place.ToString().Contains("3 /samples/1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_batch_of_LangSmith_has_the_runs_with_what_became_of_them()
    {
        const string root = "11111111-1111-1111-1111-111111111111", tool = "22222222-2222-2222-2222-222222222222";
        var import = await _bench.ImportAsync($$$"""
            {"patch":[{"id":"{{{tool}}}","trace_id":"{{{root}}}","parent_run_id":"{{{root}}}","end_time":1767323046000,"error":"room 7 is closed","outputs":null},
             {"dotted_order":"20260102T030404000000Z{{{root}}}","end_time":1767323047000,"outputs":{"output":"Room 7 is booked."}},{"outputs":{}}],
             "post":[{"id":"{{{root}}}","trace_id":"{{{root}}}","name":"booker","run_type":"chain","start_time":1767323044000,"inputs":{"q":"Book room 7"}},
             {"id":"{{{tool}}}","trace_id":"{{{root}}}","parent_run_id":"{{{root}}}","name":"book","run_type":"tool","start_time":1767323045000,"inputs":{"room":7}}]}
            """);

        Assert.Equal((ImportFormats.LangSmith, 2, 1), (import.Files[0].Format, (int)import.SpansAdded, (int)import.LeftOutCount));
        var spans = await _bench.SpansAsync(import.IncidentId);
        Assert.Equal((2_000_000_000L, "agent.run/booker"), (spans[1].EndTs - spans[0].StartTs, spans[0].Tool));
        Assert.Contains("Room 7 is booked.", await _bench.ReadAsync(spans[0].ResultDigest), StringComparison.Ordinal);
        Assert.Contains("room 7 is closed", (await _bench.AnalyzeAsync(import.IncidentId)).RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_wrong_with_a_run_of_the_Agents_SDK_is_told_and_not_only_that_something_was()
    {
        var import = await _bench.ImportAsync("""
            {"object":"trace","id":"trace_1","workflow_name":"Agent workflow"}
            {"object":"trace.span","id":"span_1","trace_id":"trace_1","parent_id":null,"started_at":"2026-01-02T03:00:00Z","ended_at":"2026-01-02T03:00:02Z","span_data":{"type":"agent","name":"Shop"},"error":{"message":"Error in agent run","data":{"error":"Error: 429 insufficient_quota: You exceeded your current quota"}}}
            """);

        Assert.Contains("429 insufficient_quota", (await _bench.AnalyzeAsync(import.IncidentId)).RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_message_that_carries_its_error_failed()
    {
        var import = await _bench.ImportAsync("""
            {"version":2,"eval":{"eval_id":"e","run_id":"r","task":"t"},"plan":{},"samples":[{"id":1,"epoch":1,"uuid":"s1","input":"Hi","target":"","messages":[
            {"role":"user","content":"Run it."},{"role":"assistant","content":"","tool_calls":[{"id":"b1","function":"bash","arguments":{"cmd":"sleep 900"},"type":"function"}]},
            {"role":"tool","tool_call_id":"b1","function":"bash","content":"","error":{"type":"timeout","message":"Command timed out after 60 seconds."}},{"role":"assistant","content":"The command succeeded."}]}]}
            """);

        Assert.Equal(0, import.LeftOutCount);
        Assert.Contains("timed out", (await _bench.AnalyzeAsync(import.IncidentId)).Hypotheses[0].Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"samples":{"messages":[}],"a":1}""")]
    [InlineData("""[{"role":"user","content":"Hi"},{"role":"assistant","content":}]""")]
    [InlineData("""[{"role":"user","content":"Hi"},{"role":"assistant","content":"x"},]""")]
    [InlineData("""{"messages":,"model":}""")]
    [InlineData("""[1}]""")]
    public async Task A_document_whose_brackets_do_not_fit_ends(string file)
    {
        var whole = await RecordsAsync(file, file.Length);
        for (var length = 1; length < 5; length++)
        {
            Assert.Equal(whole, await RecordsAsync(file, length));
        }
    }

    // However a document comes in, its values are the same.
    private static async Task<List<string>> RecordsAsync(string file, int chunk)
    {
        var bytes = Encoding.UTF8.GetBytes(file);
        var content = new ImportContent(() => new ChunkedStream(bytes, chunk), member: null, FileShape.Of(bytes, isWhole: true));
        List<string> records = [];
        await foreach (var record in content.MembersAsync(static _ => true, TestContext.Current.CancellationToken))
        {
            records.Add($"{record.Place} {Encoding.UTF8.GetString(record.Bytes.Span)} {record.Problem}");
        }

        return records;
    }

    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(chunk, buffer.Length)], cancellationToken);
    }
}
