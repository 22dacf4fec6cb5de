using AgentOps.Rca.Tests.OpenTelemetry;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

/// <summary>Causes that lie before the step that failed: spent time, broken text, a killed process, turns that bring nothing.</summary>
public sealed class SpentTimeDetectorTests
{
    private const string Broken = "Of course! {rating: 'good', stars: five}";

    public static TheoryData<Convention> Conventions => [.. Enum.GetValues<Convention>()];

    [Theory]
    [MemberData(nameof(Conventions))]
    public async Task What_took_most_of_the_time_is_the_cause_and_not_who_met_its_end(Convention convention)
    {
        var report = await Late(convention, slow: 20, "context deadline exceeded", "the run was cancelled: deadline of 24 s exceeded").AnalyzeAsync();

        Assert.StartsWith("svc/SELECT, below tool.call/get_history, took 20 s of the", report.RootCause, StringComparison.Ordinal);
        Assert.Equal("svc/SELECT", report.Hypotheses[0].Tool);
    }

    [Theory]
    [InlineData(2, "context deadline exceeded", "the run was cancelled: deadline of 6 s exceeded")]
    [InlineData(20, "connect timed out", "the run failed")]
    [InlineData(20, "context deadline exceeded", "context deadline exceeded")]
    public async Task A_step_that_ran_out_of_its_own_time_is(double slow, string error, string whole)
    {
        var report = await Late(Convention.GenAi, slow, error, whole).AnalyzeAsync();

        Assert.Contains("tool.call/get_price failed", report.RootCause, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public async Task Who_wrote_what_could_not_be_parsed_is_the_cause(Convention convention)
    {
        var report = await Parsed(convention, Broken, Broken).AnalyzeAsync();

        Assert.Contains("answered", report.RootCause, StringComparison.Ordinal);
        Assert.Contains("with a text that is no valid JSON", report.RootCause, StringComparison.Ordinal);
        Assert.Equal("malformed_output", report.Hypotheses[0].Category);
    }

    [Theory]
    [InlineData("""{"rating":"good"}""", """{"rating":"good"}""")]
    [InlineData("""{"rating":"good"}""", Broken)]
    public async Task Who_wrote_something_else_is_not(string written, string given)
    {
        var report = await Parsed(Convention.GenAi, written, given).AnalyzeAsync();

        Assert.DoesNotContain("with a text that is no valid JSON", report.RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_was_killed_is_told_by_the_event_that_says_so()
    {
        var report = await Killed("Memory cgroup out of memory: Killed process 41 (render)").AnalyzeAsync();

        Assert.Contains("because its memory ran out", report.RootCause, StringComparison.Ordinal);
        Assert.Contains("its event node.event says “Memory cgroup out of memory", report.RootCause, StringComparison.Ordinal);
        Assert.DoesNotContain("memory", (await Killed("Pulled the image in 2 s").AnalyzeAsync()).RootCause, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public async Task At_a_limit_of_tokens_the_call_that_brought_them_is_the_cause(Convention convention)
    {
        var report = await Tokens(convention, 90_000).AnalyzeAsync();

        Assert.Equal("tool.call/read_log", report.Hypotheses[0].Tool);
        Assert.Contains("rose from 900 to 90000 tokens", report.RootCause, StringComparison.Ordinal);
        Assert.DoesNotContain("rose from", (await Tokens(convention, 1_400).AnalyzeAsync()).RootCause ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_a_limit_of_turns_who_took_turns_is_named()
    {
        var circle = await Turns(["plan", "check", "plan", "check", "plan", "check"]).AnalyzeAsync();
        var straight = await Turns(["plan", "draft", "check", "plan", "publish", "check"]).AnalyzeAsync();

        Assert.Contains("while app/plan and app/check took turns with each other 6 times", circle.RootCause, StringComparison.Ordinal);
        Assert.Contains("each with the same words every time (“I am plan.”, “I am check.”)", circle.RootCause, StringComparison.Ordinal);
        Assert.DoesNotContain("took turns", straight.RootCause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tool_that_does_not_look_at_what_it_is_given_is_named_at_a_limit_of_steps(bool ignores)
    {
        foreach (var convention in Enum.GetValues<Convention>())
        {
            var run = new AgentTrace(convention).Asked("List all permits.");
            for (var page = 1; page <= 5; page++)
            {
                var given = $$"""{"town":"Ede","page":{{page}}}""";
                run.Calls(($"c{page}", "list_permits", given)).Runs($"c{page}", "list_permits", given, $$"""{"more":true,"items":["P-{{(ignores ? 1 : page)}}"]}""");
            }

            var report = await run.Answers("Agent stopped due to iteration limit or time limit.").AnalyzeAsync();

            Assert.Equal(ignores, report.RootCause!.Contains("5 different values of “page”, each time with the same result", StringComparison.Ordinal));
        }
    }

    private static AgentTrace Late(Convention convention, double slow, string error, string whole) => new AgentTrace(convention) { RunError = whole }.Asked("What does the pump cost?")
        .Calls(("c1", "get_history", """{"part":"P7"}""")).Runs("c1", "get_history", """{"part":"P7"}""", """{"sold":12}""", seconds: slow + 0.2)
        .Below(new OtlpRecord("SELECT", """{"db.operation.name":"SELECT"}"""), 1.1, 1.1 + slow)
        .Calls(("c2", "get_price", """{"part":"P7"}""")).Runs("c2", "get_price", """{"part":"P7"}""", null, error, seconds: 0.4);

    private static AgentTrace Parsed(Convention convention, string written, string given) => new AgentTrace(convention).Asked("Rate the shop and store the rating.").Answers(written)
        .Asked("Store this rating.").Calls(("c1", "store_rating", new System.Text.Json.Nodes.JsonObject { ["text"] = given }.ToJsonString()))
        .Runs("c1", "store_rating", new System.Text.Json.Nodes.JsonObject { ["text"] = given }.ToJsonString(), null, "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 14")
        .Answers("The rating could not be stored.");

    private static CaseBuilder Killed(string words) => new CaseBuilder().Call("run", "agent.run/desk", 0, 9).Model("m1", 0, 1, [Chat.User("Render it.")], Chat.Asks("c1", "render", "{}"))
        .Tool("t1", "render", 1, 5, "{}", """{"note":"no file"}""", "c1").Call("p0", "desk/POST", 1.5, 4.5, "t1", attributes: """{"service":"desk"}""").Call("p1", "worker/render", 2, 4, "p0", attributes:
            $$$"""{"service":"worker","status":"error","error.message":"exit code 137","events":[{"name":"node.event","attributes":{"reason":"Node","message":{{{Chat.Text(words)}}}}}]}""")
        .Model("m2", 5, 6, [Chat.Told("c1", """{"note":"no file"}""")], Chat.Answers("There is no file."));

    private static AgentTrace Tokens(Convention convention, long after) => new AgentTrace(convention) { RunError = "Exceeded the total_tokens_limit of 80000" }.Asked("Why is it slow?")
        .Answers("Let me look.", more: """{"gen_ai.usage.input_tokens":800}""").Answers("Once more.", more: """{"gen_ai.usage.input_tokens":900}""")
        .Runs("c1", "read_log", """{"from":"January"}""", """{"lines":"many"}""", told: false).Answers("I see.", more: $$"""{"gen_ai.usage.input_tokens":{{after}}}""");

    private static CaseBuilder Turns(string[] nodes)
    {
        var run = new CaseBuilder().Call("run", "agent.run/graph", 0, 20, attributes: """{"status":"error","error.type":"GraphRecursionError","error.message":"Recursion limit of 6 reached without hitting a stop condition."}""");
        for (var i = 0; i < nodes.Length; i++)
        {
            run.Call($"n{i}", $"app/{nodes[i]}", i, i + 0.9, "run").Model($"m{i}", i + 0.1, i + 0.8, [Chat.System($"You are {nodes[i]}."), Chat.User("Write it.")], Chat.Answers($"I am {nodes[i]}."), parent: $"n{i}");
        }

        return run;
    }
}
