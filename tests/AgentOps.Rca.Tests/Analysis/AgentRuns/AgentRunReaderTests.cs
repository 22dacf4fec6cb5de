using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Tests.Analysis.Detectors;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

public sealed class AgentRunReaderTests
{
    [Fact]
    public async Task A_run_is_its_steps_with_what_was_asked_given_and_said()
    {
        var run = await Booking("c1").ReadAsync();

        Assert.Equal(["agent.run/desk", "llm.call/planner", "tool.call/book", "llm.call/planner"], run.Steps.Select(step => step.Name));
        Assert.Equal(("book it", "It is booked."), (run.Request?.Text, run.Answer?.Text));
        Assert.Equal("be brief", Assert.Single(run.Instructions).Text);
        Assert.Equal(["book", "find"], run.Models[0].Offered.Keys.Order());
        Assert.Equal("tool_calls", run.Models[0].Finish?.Text);
        var tool = Assert.Single(run.Tools);
        Assert.Equal((run.Models[0], "c1", true), (tool.Asker, tool.CallId, tool.IsRecorded));
        Assert.Equal(("""{"seat":4}""", """{"ok":true}"""), (tool.Arguments?.Key, tool.Result?.Key));
        Assert.Equal(tool, Assert.Single(run.Models[0].Asked));
        Assert.All(run.Steps.Skip(1), step => Assert.Equal(run.Runs[0], step.Run));
    }

    [Fact]
    public async Task Messages_that_come_again_in_each_prompt_are_kept_where_they_came_first()
    {
        var run = await Booking("c1").ReadAsync();

        Assert.Equal(["system", "user"], run.Models[0].Input.Select(message => message.Role));
        Assert.Equal("tool", Assert.Single(run.Models[1].Input).Role);
        Assert.Equal(3, run.Models[1].Earlier);
    }

    [Fact]
    public async Task A_call_without_an_id_belongs_to_the_model_call_that_asked_for_the_same()
    {
        var run = await Booking(callId: null).ReadAsync();

        Assert.Equal((run.Models[0], "c1"), (Assert.Single(run.Tools).Asker, run.Tools[0].CallId));
    }

    [Fact]
    public async Task A_call_below_a_model_call_that_says_nothing_belongs_to_it_and_another_to_the_one_before()
    {
        var run = await new CaseBuilder().Call("run", "agent.run/desk", 0, 10)
            .Call("m1", "llm.call/planner", 1, 5, "run").Call("t1", "tool.call/a", 2, 3, "m1")
            .Call("m2", "llm.call/planner", 6, 7, "run").Call("t2", "tool.call/b", 8, 9, "run").ReadAsync();

        Assert.Equal([("tool.call/a", "m1"), ("tool.call/b", "m2")], run.Tools.Select(tool => (tool.Name, tool.Asker!.Node.SpanId)));
    }

    [Fact]
    public async Task A_call_outside_of_a_run_that_has_ended_is_nobodys_in_it()
    {
        var run = await new CaseBuilder().Call("run", "agent.run/desk", 0, 10).Call("m1", "llm.call/planner", 1, 5, "run")
            .Call("t1", "tool.call/beside", 6, 7).Call("t2", "tool.call/detect_late_delivery", 20, 21).ReadAsync();

        Assert.Equal([run.Models[0], null], run.Tools.Select(tool => tool.Asker));
    }

    [Theory]
    [InlineData("tool.call/detect_failed_run", """{"failed":true}""", false)]
    [InlineData("tool.call/detect_failed_run", """{"error":"the store is down"}""", true)]
    [InlineData("tool.call/book", """{"failed":true}""", true)]
    public async Task A_detector_that_finds_a_failure_has_not_failed(string tool, string result, bool hasFailed)
    {
        var run = await new CaseBuilder().Call("t1", tool, 0, 1, args: "{}", result: result).ReadAsync();

        Assert.Equal(hasFailed, run.Tools.Single().Failure is not null);
    }

    [Fact]
    public async Task A_call_that_no_span_records_is_known_from_the_messages()
    {
        var run = await new CaseBuilder()
            .Model("m1", 0, 1, [Chat.User("find it")], Chat.Asks("c1", "find", """{"id":"C-7"}"""), parent: null)
            .Model("m2", 2, 3, [Chat.User("find it"), Chat.Asks("c1", "find", """{"id":"C-7"}"""), Chat.Told("c1", """{"error":"gone"}""")], Chat.Answers("Sorry."), parent: null)
            .ReadAsync();

        var tool = Assert.Single(run.Tools);
        Assert.Equal((false, "tool.call/find", run.Models[0]), (tool.IsRecorded, tool.Name, tool.Asker));
        Assert.Equal(("gone", false), (tool.Failure?.Words, tool.Failure?.IsStatus));
        Assert.Equal([0, 1, 2], run.Steps.Select(step => step.Number));
    }

    [Fact]
    public async Task Two_calls_that_were_asked_for_at_once_keep_their_own_answers()
    {
        var asks = """{"role":"assistant","tool_calls":[{"id":"c1","function":{"name":"find","arguments":"{\"id\":1}"}},{"id":"c2","function":{"name":"find","arguments":"{\"id\":2}"}}]}""";
        var run = await new CaseBuilder().Call("run", "agent.run/desk", 0, 9)
            .Model("m1", 0, 1, [Chat.User("both")], asks)
            .Tool("t2", "find", 2, 3, """{"id":2}""", "\"two\"").Tool("t1", "find", 2.5, 4, """{"id":1}""", "\"one\"")
            .ReadAsync();

        Assert.Equal([("t2", "c2"), ("t1", "c1")], run.Tools.Select(tool => (tool.Node.SpanId, tool.CallId)));
    }

    [Fact]
    public async Task A_client_around_a_model_call_and_the_other_half_of_a_tool_call_are_no_steps_of_their_own()
    {
        var run = await new CaseBuilder().Call("run", "agent.run/desk", 0, 10)
            .Call("outer", "llm.call/planner", 1, 5, "run").Call("inner", "llm.call/planner", 2, 4, "outer")
            .Call("client", "tool.call/find", 6, 9, "run").Call("wire", "http/POST", 6.1, 8.9, "client").Call("server", "tool.call/find", 7, 8, "wire", """{"id":7}""", """{"ok":true}""")
            .ReadAsync();

        Assert.Equal(["run", "inner", "client"], run.Steps.Select(step => step.Node.SpanId));
        Assert.Equal("""{"ok":true}""", Assert.Single(run.Tools).Result?.Key);
        Assert.Equal("server", Assert.Single(run.Tools[0].Halves).SpanId);
    }

    [Fact]
    public async Task What_hangs_below_a_step_is_part_of_it_until_it_is_another_services()
    {
        var run = await new CaseBuilder().Call("run", "agent.run/desk", 0, 10)
            .Call("m", "llm.call/planner", 1, 3, "run").Call("post", "desk/POST", 1, 3, "m", attributes: """{"service":"desk"}""")
            .Call("far", "provider/chat", 1.5, 3, "post", attributes: """{"service":"provider"}""")
            .Call("t", "tool.call/find", 4, 9, "run").Call("get", "desk/GET", 5, 8, "t", attributes: """{"service":"desk"}""")
            .Call("db", "stock/SELECT", 6, 7, "get", attributes: """{"service":"stock"}""")
            .ReadAsync();

        Assert.Equal(
            [("m", "post"), ("m", "far"), ("t", "get")],
            run.Spans.Nodes.Where(node => run.Find(node) is null).Select(node => (run.OwnerOf(node)?.Node.SpanId, node.SpanId)).Where(pair => pair.Item1 is not null));
    }

    [Fact]
    public async Task Tools_are_offered_in_the_definitions_of_every_framework()
    {
        const string schema = """{"type":"object","properties":{"id":{"type":"string"}}}""";
        foreach (var given in new[]
        {
            $$$"""{"tools":[{"type":"function","function":{"name":"find","parameters":{{{schema}}}}}]}""",
            $$$"""{"tools":[{"name":"find","input_schema":{{{schema}}}}]}""",
            $$$"""{"options":{"tools":[{"name":"find","jsonSchema":{{{schema}}}}]}}""",
            $$$"""{"ai.prompt.tools":[{{{Chat.Text($$$"""{"type":"function","name":"find","inputSchema":{{{schema}}}}""")}}}]}""",
            $$$"""{"gen_ai.tool.definitions":{{{Chat.Text($$$"""[{"type":"function","name":"find","parameters":{{{schema}}}}]""")}}}}""",
            $$$"""{"llm.tools.0.tool.json_schema":{{{Chat.Text($$$"""{"type":"function","function":{"name":"find","parameters":{{{schema}}}}}""")}}}}""",
            $$$"""{"llm.request.functions.0.name":"find","llm.request.functions.0.parameters":{{{Chat.Text(schema)}}}}""",
            $$$"""{"config":{"tools":[{"functionDeclarations":[{"name":"find","parameters":{{{schema}}}}]}]}}""",
        })
        {
            var run = await new CaseBuilder().Call("m", "llm.call/planner", 0, 1, args: given).ReadAsync();

            Assert.Equal((given, "find", schema), (given, string.Join(',', run.Models[0].Offered.Keys), run.Models[0].Offered.GetValueOrDefault("find")?.Schema.GetRawText()));
        }
    }

    [Fact]
    public async Task A_failure_is_repaired_handled_ignored_or_none_of_these()
    {
        const string refused = """{"status":"error","error":"refused"}""";

        Assert.Equal(FailureOutcome.Repaired, await OutcomeAsync(refused, again: true, "It is booked."));
        Assert.Equal(FailureOutcome.Ignored, await OutcomeAsync(refused, again: false, "It is booked, all done."));
        Assert.Equal(FailureOutcome.NotRepaired, await OutcomeAsync(refused, again: false, "Sorry, that did not work."));
        Assert.Equal(FailureOutcome.Handled, await OutcomeAsync("""{"http.status_code":404}""", again: false, "There is a free seat elsewhere.", "find_seat"));
        Assert.Equal(FailureOutcome.NotRepaired, await OutcomeAsync("""{"http.status_code":404}""", again: false, "There is a free seat elsewhere."));
        Assert.Equal(FailureOutcome.None, await OutcomeAsync("{}", again: false, "It is booked."));
    }

    private static async Task<FailureOutcome> OutcomeAsync(string attributes, bool again, string answer, string tool = "book")
    {
        var run = new CaseBuilder().Call("run", "agent.run/desk", 0, 10)
            .Model("m1", 0, 1, [Chat.User("book it")], Chat.Asks("c1", tool, """{"seat":4}"""))
            .Tool("t1", tool, 2, 3, """{"seat":4}""", null, "c1", attributes: attributes);
        if (again)
        {
            run.Tool("t2", tool, 4, 5, """{"seat":4}""", """{"ok":true}""");
        }

        return (await run.Model("m2", 6, 7, [Chat.User("book it")], Chat.Answers(answer)).ReadAsync()).Tools[0].Outcome;
    }

    private static CaseBuilder Booking(string? callId) => new CaseBuilder().Call("run", "agent.run/desk", 0, 10)
        .Model("m1", 1, 2, [Chat.System("be brief"), Chat.User("book it")], Chat.Asks("c1", "book", """{"seat":4}"""), [Chat.Tool("book"), Chat.Tool("find")], "tool_calls")
        .Tool("t1", "book", 3, 4, """{"seat":4}""", """{"ok":true}""", callId)
        .Model(
            "m2", 5, 6, [Chat.System("be brief"), Chat.User("book it"), Chat.Asks("c1", "book", """{"seat":4}"""), Chat.Told("c1", """{"ok":true}""")],
            Chat.Answers("It is booked."), [Chat.Tool("book"), Chat.Tool("find")], "stop");
}
