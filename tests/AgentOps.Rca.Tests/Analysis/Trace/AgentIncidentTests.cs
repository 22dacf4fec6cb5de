using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tests.Analysis.Trace;

public sealed class AgentIncidentTests
{
    [Fact]
    public async Task A_rate_limited_call_that_is_retried_until_it_is_late_is_the_cause()
    {
        var run = new CaseBuilder()
            .Call("run", "agent.run/orders", 0, 2000)
            .Call("plan", "llm.call/planner", 1, 3, "run")
            .Call("stock", "tool.call/stock.reserve", 3, 4, "run", """{"sku":"A"}""", """{"reserved":true}""")
            .Call("ship", "tool.call/shipping", 5, 1900, "run", attributes: """{"status":"ok"}""");
        for (var attempt = 0; attempt < 5; attempt++)
        {
            run.Call(
                $"try-{attempt}", "tool.call/carrier.book", 10 + (300 * attempt), 11 + (300 * attempt), "ship", """{"order":"7"}""",
                attributes: """{"http.status_code":429,"error":{"type":"RateLimited","message":"quota of 10 requests a minute exceeded"}}""");
        }

        run.Call("booked", "tool.call/carrier.book", 1800, 1802, "ship", """{"order":"7"}""", """{"booked":true}""");

        var report = await run.AnalyzeAsync();

        AssertCause(report, "tool.call/carrier.book", "rate_limited");
        Assert.Contains("5 times", report.RootCause, StringComparison.Ordinal);
        Assert.Contains("succeeded", report.RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_that_is_repeated_with_the_same_arguments_is_a_loop()
    {
        var run = new CaseBuilder().Call("run", "agent.run/inventory", 0, 60);
        for (var step = 0; step < 6; step++)
        {
            run.Call($"think-{step}", "llm.call/planner", 1 + (8 * step), 3 + (8 * step), "run");
            run.Call($"search-{step}", "tool.call/search", 3 + (8 * step), 5 + (8 * step), "run", """{"q":"blue chair"}""", """{"results":[{"id":"c1"}]}""");
        }

        var report = await run.AnalyzeAsync();

        AssertCause(report, "tool.call/search", "loop");
        Assert.Contains("llm.call/planner", report.RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outdated_document_is_told_from_a_newer_one_that_another_tool_knows()
    {
        var report = await new CaseBuilder()
            .Call("run", "agent.run/planner", 0, 60)
            .Call("index", "tool.call/catalog", 1, 2, "run", """{"what":"policies"}""", """{"entries":[{"id":"returns-policy","version":7,"updated_at":"2026-03-01T00:00:00Z"}]}""")
            .Call("read", "tool.call/documents.get", 3, 4, "run", """{"id":"returns-policy"}""", """{"document":"returns-policy","version":5,"updated_at":"2025-06-01T00:00:00Z","text":"60 days"}""")
            .Call("decide", "llm.call/planner", 5, 8, "run", result: "The customer has 60 days.")
            .AnalyzeAsync();

        AssertCause(report, "tool.call/documents.get", "stale_data");
        Assert.Contains(report.Evidence, evidence => evidence is { ArtifactDigest: not null, Pointer: "/entries/0/updated_at" or "/entries/0/version" });
        Assert.Contains("llm.call/planner", report.RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_deepest_failing_call_is_the_cause_and_not_the_callers_that_passed_it_on()
    {
        var report = await new CaseBuilder()
            .Call("run", "agent.run/a", 0, 10, attributes: """{"status":"error","error":"step failed"}""")
            .Call("mid", "tool.call/checkout", 1, 9, "run", attributes: """{"status":"error","error":"payment failed"}""")
            .Call("leaf", "tool.call/bank", 2, 8, "mid", attributes: """{"error.type":"ConnectionRefused"}""")
            .AnalyzeAsync();

        AssertCause(report, "tool.call/bank", "unreachable");
        Assert.Contains(report.ContributingFactors, factor => factor.StartsWith("tool.call/checkout passed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Arguments_that_are_refused_are_blamed_on_the_model_call_that_made_them()
    {
        var report = await new CaseBuilder()
            .Call("run", "agent.run/a", 0, 10, attributes: """{"status":"error"}""")
            .Call("think", "llm.call/planner", 1, 2, "run")
            .Call("pay", "tool.call/pay", 3, 4, "run", """{"amount":"ten"}""", attributes: """{"http.status_code":422,"error":"amount must be a number"}""")
            .AnalyzeAsync();

        AssertCause(report, "llm.call/planner", "bad_arguments");
    }

    [Fact]
    public async Task A_run_in_which_nothing_stands_out_is_inconclusive_and_says_what_is_missing()
    {
        var report = await new CaseBuilder()
            .Call("run", "agent.run/a", 0, 1)
            .Call("think", "llm.call/planner", 0.1, 0.2, "run")
            .Call("look", "tool.call/look", 0.3, 0.4, "run", """{"a":1}""", """{"b":2}""")
            .AnalyzeAsync();

        Assert.Equal(RcaVerdict.Inconclusive, report.Verdict);
        Assert.Null(report.RootCause);
        Assert.NotEmpty(report.Gaps);
        Assert.Null(report.GroundedClaimRate);
    }

    [Fact]
    public async Task A_case_without_spans_is_inconclusive()
    {
        var report = await new CaseBuilder().AnalyzeAsync();

        Assert.Equal(RcaVerdict.Inconclusive, report.Verdict);
        Assert.Equal(0, report.Confidence);
        Assert.Single(report.Gaps);
    }

    private static void AssertCause(RcaReport report, string tool, string category)
    {
        Assert.Equal((tool, category), (report.Hypotheses[0].Tool, report.Hypotheses[0].Category));
        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.InRange(report.Confidence, 0.5, 1);
        Assert.True(report.Hypotheses[0].Grounded);
        Assert.True(report.Hypotheses[0].Evidence.Count >= 2);
        Assert.All(report.Evidence, evidence => Assert.True(evidence.Checked, $"{evidence.Id} {evidence.Pointer}"));
        Assert.NotNull(report.EmailDraft);
        Assert.NotEmpty(report.Timeline);
    }
}
