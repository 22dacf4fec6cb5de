using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class ErrorOriginDetectorTests
{
    [Fact]
    public async Task The_deepest_call_that_failed_is_blamed_and_not_those_that_passed_it_on()
    {
        var origin = Assert.Single(await new CaseBuilder()
            .Call("run", "agent.run/a", 0, 10, attributes: """{"status":"error"}""")
            .Call("ship", "tool.call/ship", 1, 9, "run", attributes: """{"error":{"type":"CarrierException","message":"carrier failed"}}""")
            .Call("post", "http.call/carrier", 2, 3, "ship", attributes: """{"http.response.status_code":503,"error.message":"no backend"}""")
            .FindAsync(new ErrorOriginDetector()));

        Assert.Equal(("unreachable", "http.call/carrier", "http 503"), (origin.Category, origin.Tool, origin.ErrorClass));
        Assert.Contains("failed once at", origin.Cause, StringComparison.Ordinal);
        Assert.Contains("(HTTP 503: \"no backend\")", origin.Cause, StringComparison.Ordinal);
        Assert.Equal(
            ["tool.call/ship passed the failure of http.call/carrier on to its caller.", "agent.run/a passed the failure of http.call/carrier on to its caller."],
            origin.Factors);
        Assert.Equal([("post", "/attributes/http.response.status_code"), ("post", "/parent_id")], origin.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
    }

    [Theory]
    [InlineData("""{"http.status_code":429}""", "rate_limited")]
    [InlineData("""{"http.status_code":504}""", "timeout")]
    [InlineData("""{"http.status_code":403}""", "access_denied")]
    [InlineData("""{"http.status_code":500}""", "server_error")]
    [InlineData("""{"error":"the daily quota is used up"}""", "rate_limited")]
    [InlineData("""{"error":"connection refused"}""", "unreachable")]
    [InlineData("""{"error":"context length exceeded"}""", "context_length")]
    [InlineData("""{"error":"the quotation for order 42911 is void"}""", "error")]
    [InlineData("""{"error":{"type":"Oops"}}""", "error")]
    public async Task The_class_is_read_from_status_and_words_and_the_one_who_failed_is_blamed(string attributes, string category)
    {
        var origin = Assert.Single(await new CaseBuilder()
            .Call("think", "llm.call/planner", 0, 1).Call("a", "tool.call/a", 2, 3, attributes: attributes).FindAsync(new ErrorOriginDetector()));

        Assert.Equal((category, "tool.call/a"), (origin.Category, origin.Tool));
    }

    [Theory]
    [InlineData("""{"http.status_code":422}""", "bad_arguments")]
    [InlineData("""{"http.status_code":404}""", "not_found")]
    public async Task What_was_asked_wrongly_is_blamed_on_the_model_call_before_or_without_one_on_the_call(string attributes, string category)
    {
        var asked = Assert.Single(await new CaseBuilder()
            .Call("think", "llm.call/planner", 0, 1).Call("a", "tool.call/a", 2, 3, attributes: attributes).FindAsync(new ErrorOriginDetector()));
        var alone = Assert.Single(await new CaseBuilder().Call("a", "tool.call/a", 2, 3, attributes: attributes).FindAsync(new ErrorOriginDetector()));

        Assert.Equal((category, "llm.call/planner"), (asked.Category, asked.Tool));
        Assert.Contains("llm.call/planner led into a call that could not succeed", asked.Cause, StringComparison.Ordinal);
        Assert.Contains(asked.Facts, fact => (fact.SpanId, fact.Pointer) == ("think", "/tool"));
        Assert.Equal((category, "tool.call/a"), (alone.Category, alone.Tool));
    }

    [Theory]
    [InlineData(404, 0)]
    [InlineData(500, 1)]
    public async Task Beside_an_agent_that_answered_a_missing_record_is_an_answer_and_a_broken_service_is_none(int status, int found)
    {
        var context = new DetectionContext(new CaseBuilder().Call("run", "agent.run/a", 0, 9).Model("m1", 0, 1, [Chat.User("Is there one?")], Chat.Asks("c1", "look", "{}")).Tool("t1", "look", 2, 3, "{}", "\"none\"", "c1")
            .Call("s", "policy/GET /x", 3, 4, attributes: $$"""{"service.name":"policy","status":"error","http.response.status_code":{{status}}}""")
            .Model("m2", 5, 6, [Chat.User("Is there one?"), Chat.Told("c1", "none")], Chat.Answers("There is none.")).Build());
        await context.ReadRunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(found, (await new ErrorOriginDetector().DetectAsync(context, TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task Attempts_of_one_kind_are_one_finding_and_what_succeeded_after_them_is_named()
    {
        var origin = Assert.Single(await Attempts("{\"o\":7}").FindAsync(new ErrorOriginDetector()));
        var unknown = Assert.Single(await Attempts(null).FindAsync(new ErrorOriginDetector()));

        Assert.Contains("failed 3 times between", origin.Cause, StringComparison.Ordinal);
        Assert.Contains("; the same call succeeded at", origin.Cause, StringComparison.Ordinal);
        Assert.Contains("tried 3 times with failures, 3 of them with the same arguments, over 7 s", Assert.Single(origin.Factors), StringComparison.Ordinal);
        Assert.Equal([("a0", "/attributes/http.status_code"), ("a1", "/attributes/http.status_code"), ("a2", "/attributes/http.status_code"), ("ok", "/end_ts")],
            origin.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
        Assert.DoesNotContain("succeeded at", unknown.Cause + string.Concat(unknown.Facts.Select(fact => fact.Text)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_later_call_to_another_host_is_no_later_call_of_it_though_the_spans_share_a_name()
    {
        var run = Posts("https://carrier.example/book", "https://mail.example/send");

        var finding = Assert.Single(await run.FindAsync(new ErrorOriginDetector()));

        Assert.Contains("order-svc/POST (POST https://carrier.example/book) failed 3 times", finding.Cause, StringComparison.Ordinal);
        Assert.EndsWith("; none of these attempts succeeded.", finding.Cause, StringComparison.Ordinal);
        Assert.All(finding.Facts.Where(fact => fact.SpanId.StartsWith('a')), fact => Assert.Contains("https://carrier.example/book", fact.Text, StringComparison.Ordinal));
        Assert.DoesNotContain("mail.example", finding.Cause + string.Concat(finding.Facts.Select(fact => fact.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_call_to_the_same_host_and_path_is_one() => Assert.Contains(
        "; a later call of it succeeded at", Assert.Single(await Posts("https://carrier.example/book", "https://carrier.example/book").FindAsync(new ErrorOriginDetector())).Cause,
        StringComparison.Ordinal);

    [Fact]
    public async Task Failures_of_different_targets_are_different_findings_and_of_different_records_one()
    {
        var hosts = await Failing("https://a.example/book", "https://b.example/book").FindAsync(new ErrorOriginDetector());
        var records = Assert.Single(await Failing("https://a.example/orders/17", "https://a.example/orders/4711").FindAsync(new ErrorOriginDetector()));

        Assert.Equal(2, hosts.Count);
        Assert.Contains("(GET https://a.example/orders/17 and 1 other like it) failed twice", records.Cause, StringComparison.Ordinal);
    }

    private static CaseBuilder Posts(string failing, string succeeding)
    {
        var run = new CaseBuilder().Call("root", "order-svc/ship", 0, 20, attributes: """{"service":"order-svc"}""");
        for (var i = 0; i < 3; i++)
        {
            run.Call($"a{i}", "order-svc/POST", 1 + i, 1.5 + i, "root", attributes: $$"""{"service":"order-svc","http.request.method":"POST","url.full":"{{failing}}","http.response.status_code":429}""");
        }

        return run.Call("ok", "order-svc/POST", 9, 10, "root", attributes: $$"""{"service":"order-svc","http.request.method":"POST","url.full":"{{succeeding}}","http.response.status_code":200}""");
    }

    private static CaseBuilder Failing(params string[] urls)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < urls.Length; i++)
        {
            run.Call($"f{i}", "shop/GET", i, i + 0.5, attributes: $$"""{"service":"shop","http.request.method":"GET","url.full":"{{urls[i]}}","http.response.status_code":500}""");
        }

        return run;
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"status":"ok","http.status_code":304}""")]
    [InlineData("""{"note":"the error budget is fine","retries":0}""")]
    public async Task Calls_that_did_not_fail_are_no_finding(string attributes) =>
        Assert.Empty(await new CaseBuilder().Call("a", "tool.call/a", 0, 1, attributes: attributes).FindAsync(new ErrorOriginDetector()));

    [Fact]
    public async Task Failures_that_are_as_usual_in_the_baseline_are_no_finding_and_unusual_ones_are()
    {
        var usual = Calls(failing: 3).AsBaseline();

        Assert.Empty(await Calls(failing: 3).FindAsync(new ErrorOriginDetector(), usual));
        Assert.Single(await Calls(failing: 9).FindAsync(new ErrorOriginDetector(), usual));
        Assert.Single(await Calls(failing: 3).FindAsync(new ErrorOriginDetector(), Calls(failing: 0).AsBaseline()));
    }

    [Fact]
    public async Task A_service_that_the_baseline_does_not_know_weighs_little()
    {
        const string failed = """{"service":"new","http.status_code":500}""";
        var alone = Assert.Single(await new CaseBuilder().Call("a", "new/get", 0, 1, attributes: failed).FindAsync(new ErrorOriginDetector()));
        var compared = Assert.Single(
            await new CaseBuilder().Call("a", "new/get", 0, 1, attributes: failed).FindAsync(new ErrorOriginDetector(), Calls(0).AsBaseline()));

        Assert.True(compared.Strength < alone.Strength / 2);
        Assert.Equal("new", compared.Place);
    }

    private static CaseBuilder Attempts(string? args)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 3; i++)
        {
            run.Call($"a{i}", "tool.call/a", 2 * i, (2 * i) + 1, null, args, attributes: """{"http.status_code":503}""");
        }

        return run.Call("ok", "tool.call/a", 6, 7, null, args);
    }

    private static CaseBuilder Calls(int failing)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 10; i++)
        {
            run.Call($"c{i}", "tool.call/c", i, i + 0.5, attributes: i < failing ? """{"http.status_code":500}""" : "{}");
        }

        return run;
    }
}
