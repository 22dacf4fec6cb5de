using AgentOps.Rca.Kpis;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Kpis;

public sealed class KpiCalculatorTests
{
    private const long Second = 1_000_000;
    private static readonly long Opened = EpochUnit.FromInstant(Samples.Instant) / 1_000;

    [Fact]
    public void Nothing_is_known_of_an_incident_without_spans()
    {
        var kpis = Of();

        Assert.Equal((null, null, null), (kpis.EvidenceTime, kpis.TimeToRca, kpis.TokensCost));
        Assert.Null(kpis.AgentUsage);
    }

    [Fact]
    public void Evidence_time_reaches_from_the_first_start_to_the_last_end_whatever_the_units()
    {
        var kpis = Of(
            Samples.Span("b", Opened) with { EndTs = Opened + (3 * Second) },
            Samples.Span("a", (Opened / 1_000) + 1_000) with { EndTs = (Opened / 1_000) + 2_000 },
            Samples.Span("rca", Opened - Second, tool: "rca.analyze/trace") with { EndTs = Opened + (90 * Second) });

        Assert.Equal(3, kpis.EvidenceTime);
        Assert.Equal(("b", "b", 2L), (kpis.Evidence!.FromSpanId, kpis.Evidence.ToSpanId, kpis.Evidence.SpanCount));
    }

    [Theory]
    [InlineData(false, 30.0)]
    [InlineData(true, 20.0)]
    public void Time_to_rca_starts_at_the_detecting_span_or_at_the_incident(bool detected, double seconds)
    {
        Span[] analyses =
        [
            Samples.Span("second", Opened, tool: "rca.analyze/llm") with { EndTs = Opened + (60 * Second) },
            Samples.Span("first", Opened, tool: "rca.analyze/trace") with { EndTs = Opened + (30 * Second) },
        ];
        Span[] detection = [Samples.Span("found", Opened + (10 * Second), tool: "tool.call/detect_delay")];

        var kpis = Of([.. analyses, .. detected ? detection : []]);

        Assert.Equal(seconds, kpis.TimeToRca);
        Assert.Equal((detected ? "found" : null, "first"), (kpis.Analysis!.DetectedBySpanId, kpis.Analysis.AnalysisSpanId));
    }

    [Fact]
    public void An_analysis_that_called_no_model_cost_nothing() =>
        Assert.Equal(0, Of(Samples.Span("r", Opened, tool: "rca.analyze/trace", attributes: "{}")).TokensCost);

    [Fact]
    public void Costs_are_those_of_the_recorded_calls_and_not_counted_twice()
    {
        var kpis = Of(
            Samples.Span("r", Opened, tool: "rca.analyze/llm", attributes: """{"agentops.cost_usd":0.3}"""),
            Call("c1", """{"agentops.cost_usd":0.1,"gen_ai.response.model":"m","gen_ai.usage.input_tokens":10,"gen_ai.usage.output_tokens":1}"""),
            Call("c2", """{"agentops.cost_usd":0.2,"gen_ai.response.model":"m","gen_ai.usage.input_tokens":20,"gen_ai.usage.output_tokens":2}"""));

        Assert.Equal(0.3, kpis.TokensCost);
        Assert.Equal(new ModelUsage("m", 2, 30, 3, 0.3), Assert.Single(kpis.AnalysisUsage));
    }

    [Fact]
    public void One_call_of_unknown_cost_makes_the_cost_unknown()
    {
        var kpis = Of(
            Samples.Span("r", Opened, tool: "rca.analyze/llm"),
            Call("c1", """{"agentops.cost_usd":0.1}"""),
            Call("c2", """{"agentops.cost_usd":null}"""));

        Assert.Null(kpis.TokensCost);
    }

    [Fact]
    public void The_agents_own_calls_are_added_up_by_model_without_the_runs_that_sum_them_up()
    {
        var kpis = Of(
            Samples.Span("run", Opened, tool: "agent.run/x", attributes: """{"gen_ai.usage.input_tokens":111}"""),
            Samples.Span("a", Opened, tool: "llm.call/x", attributes: """{"gen_ai.request.model":"m1","gen_ai.usage.input_tokens":5,"gen_ai.usage.output_tokens":1}"""),
            Samples.Span("b", Opened, tool: "llm.call/x", attributes: """{"gen_ai.request.model":"m2","gen_ai.usage.input_tokens":7}"""));

        Assert.Equal(new ModelUsage(null, 2, 12, null, null), kpis.AgentUsage);
        Assert.Equal(["m1", "m2"], kpis.AgentUsageByModel.Select(usage => usage.Model));
    }

    [Fact]
    public void What_a_chain_and_a_run_repeat_of_the_calls_below_them_counts_once()
    {
        const string Sum = """{"gen_ai.usage.input_tokens":100,"gen_ai.usage.output_tokens":10}""";
        var kpis = Of(
            Samples.Span("a", Opened, tool: "llm.call/m", attributes: """{"gen_ai.usage.input_tokens":60,"gen_ai.usage.output_tokens":6}""") with { ParentId = "step" },
            Samples.Span("b", Opened, tool: "llm.call/m", attributes: """{"gen_ai.usage.input_tokens":40,"gen_ai.usage.output_tokens":4}""") with { ParentId = "step" },
            Samples.Span("step", Opened, tool: "svc/Step 1", attributes: Sum) with { ParentId = "run" },
            Samples.Span("run", Opened, tool: "agent.run/x", attributes: Sum));

        Assert.Equal(new ModelUsage(null, 2, 100, 10, null), kpis.AgentUsage);
    }

    [Fact]
    public void A_clock_that_is_minutes_behind_does_not_make_the_evidence_minutes_long()
    {
        Span[] spans =
        [
            Samples.Span("post", Opened) with { EndTs = Opened + (3 * Second) },
            Samples.Span("ask", Opened + (Second / 2)) with { EndTs = Opened + (5 * Second / 2), ParentId = "post" },
            Samples.Span("far", Opened - (300 * Second)) with { EndTs = Opened - (300 * Second) + Second, ParentId = "ask" },
            Samples.Span("below", Opened - (300 * Second) + (Second / 4)) with { EndTs = Opened - (300 * Second) + (Second / 2), ParentId = "far" },
            Samples.Span("log", Opened - (299 * Second), tool: ToolNames.Log) with { ParentId = "far" },
        ];

        var kpis = Of(spans);

        Assert.Equal((3.0, 301.0), (kpis.EvidenceTime, kpis.Evidence!.ClockSkew));
        Assert.Equal(("far", "post"), (kpis.Evidence.FromSpanId, kpis.Evidence.ToSpanId));
        Assert.Equal(Json(kpis), Json(Of([.. spans.Reverse()])));
    }

    [Fact]
    public void A_call_that_goes_on_after_the_one_that_made_it_is_no_clock_that_disagrees()
    {
        var kpis = Of(Samples.Span("a", Opened) with { EndTs = Opened + Second }, Samples.Span("b", Opened + (Second / 2)) with { EndTs = Opened + (9 * Second), ParentId = "a" });

        Assert.Equal((9, null), (kpis.EvidenceTime, kpis.Evidence!.ClockSkew));
    }

    [Fact]
    public void The_order_of_spans_does_not_matter()
    {
        Span[] spans =
        [
            Samples.Span("a", Opened), Samples.Span("b", Opened), Samples.Span("r", Opened + Second, tool: "rca.analyze/trace"),
            Samples.Span("d", Opened, tool: "tool.call/detect"),
        ];

        Assert.Equal(Json(Of(spans)), Json(Of([.. spans.Reverse()])));
    }

    [Fact]
    public void The_wire_form_is_snake_case() =>
        Assert.Contains("\"evidence_time\":1E-05,\"time_to_rca\":null", Json(Of(Samples.Span("a", Opened))), StringComparison.Ordinal);

    private static string Json(IncidentKpis kpis) => System.Text.Json.JsonSerializer.Serialize(kpis, KpiJson.TypeInfo);

    private static Span Call(string id, string attributes) =>
        Samples.Span(id, Opened, tool: ToolNames.AnalysisModelCall, attributes: attributes) with { ParentId = "r" };

    private static IncidentKpis Of(params Span[] spans)
    {
        var calculator = new KpiCalculator(Samples.Incident(1));
        foreach (var span in spans)
        {
            calculator.Add(span);
        }

        return calculator.Build();
    }
}
