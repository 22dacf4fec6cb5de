using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Analysis.Trace;

public sealed class TraceRcaEngineTests
{
    [Fact]
    public async Task The_same_case_gives_the_same_bytes_in_every_order_of_arrival()
    {
        var spans = Shop(faulty: true).Spans;
        var baseline = Shop(faulty: false).AsBaseline();
        var incident = Samples.Incident(1);
        var engine = new TraceRcaEngine();

        var forward = await engine.AnalyzeAsync(RcaCase.Create(incident, spans, baseline: baseline), cancellationToken: Stop);
        var backward = await engine.AnalyzeAsync(RcaCase.Create(incident, spans.Reverse(), baseline: baseline), cancellationToken: Stop);

        Assert.Equal(RcaJson.ToUtf8(forward), RcaJson.ToUtf8(backward));
    }

    [Fact]
    public async Task A_service_that_got_slow_is_the_cause_and_not_the_caller_that_waits_for_it()
    {
        var report = await Shop(faulty: true).AnalyzeAsync(Shop(faulty: false).AsBaseline());

        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.StartsWith("stock/", report.Hypotheses[0].Tool, StringComparison.Ordinal);
        Assert.All(report.Evidence, evidence => Assert.True(evidence.Checked));
    }

    [Fact]
    public async Task A_quiet_time_against_itself_raises_no_alarm()
    {
        var report = await Shop(faulty: false).AnalyzeAsync(Shop(faulty: false).AsBaseline());

        Assert.Equal(RcaVerdict.Inconclusive, report.Verdict);
    }

    [Fact]
    public async Task A_time_that_is_faster_than_what_it_is_compared_with_raises_no_alarm()
    {
        var report = await Shop(faulty: false).AnalyzeAsync(Shop(faulty: true).AsBaseline());

        Assert.Equal(RcaVerdict.Inconclusive, report.Verdict);
    }

    [Fact]
    public async Task A_step_that_is_no_longer_reached_is_blamed_on_the_service_that_lost_it()
    {
        var report = await Logged(broken: true).AnalyzeAsync(Logged(broken: false).AsBaseline());

        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.Equal("contacts/find", report.Hypotheses[0].Tool);
    }

    [Fact]
    public async Task A_baseline_survives_being_stored_in_the_manifest()
    {
        var baseline = Logged(broken: false).AsBaseline();
        var manifest = new CaseManifest
        {
            Incident = Samples.Incident(1),
            SpanIndexDigest = "",
            SpanCount = 0,
            Baseline = baseline,
            Engine = "trace",
            EngineVersion = "1",
            AnalyzedAt = Samples.Instant,
        };

        var stored = RcaJson.ReadManifest(RcaJson.ToUtf8(manifest))!.Baseline;
        var live = await Logged(broken: true).AnalyzeAsync(baseline);
        var replayed = await Logged(broken: true).AnalyzeAsync(stored);

        Assert.Equal(RcaJson.ToUtf8(live), RcaJson.ToUtf8(replayed));
    }

    [Fact]
    public async Task Artifacts_that_were_lost_are_named_as_a_gap()
    {
        var report = await new CaseBuilder()
            .Call("look", "tool.call/look", 0, 1, args: """{"a":1}""", result: """{"b":2}""")
            .LoseArtifacts()
            .AnalyzeAsync();

        Assert.Contains(report.Gaps, gap => gap.StartsWith("2 arguments or results", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100_000)]
    public async Task A_deep_chain_and_a_wide_root_are_analysed_in_seconds(int count)
    {
        var chain = Enumerable.Range(0, count).Select(i => Node(i, i == 0 ? null : i - 1));
        var wide = Enumerable.Range(0, count).Select(i => Node(i, i == 0 ? null : 0));
        var watch = Stopwatch.StartNew();

        foreach (var spans in new[] { chain, wide })
        {
            await new TraceRcaEngine().AnalyzeAsync(RcaCase.Create(Samples.Incident(1), spans), cancellationToken: Stop);
        }

        // Far above what it takes; a quadratic step would take minutes.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Span Node(int number, int? parent) => new()
    {
        SpanId = number.ToString(CultureInfo.InvariantCulture),
        ParentId = parent?.ToString(CultureInfo.InvariantCulture),
        Tool = $"tool.call/{number % 7}",
        StartTs = 1_773_500_000_000_000 + number,
        EndTs = 1_773_500_000_000_000 + number + 5,
    };

    // A shop front that asks a stock service and a price service; in the faulty time the stock service takes ten times as long.
    private static CaseBuilder Shop(bool faulty)
    {
        var shop = new CaseBuilder();
        for (var i = 0; i < 40; i++)
        {
            var at = i * 2.0;
            var stock = (faulty ? 0.4 : 0.04) + (i % 5 * 0.002);
            shop.Call($"r{i}", "front/GET", at, at + stock + 0.1, attributes: """{"service":"front"}""")
                .Call($"a{i}", "front/ask stock", at + 0.01, at + 0.02 + stock, $"r{i}", attributes: """{"service":"front"}""")
                .Call($"s{i}", "stock/get", at + 0.015, at + 0.015 + stock, $"a{i}", attributes: """{"service":"stock"}""")
                .Call($"b{i}", "front/ask price", at + 0.03 + stock, at + 0.06 + stock, $"r{i}", attributes: """{"service":"front"}""")
                .Call($"p{i}", "price/get", at + 0.035 + stock, at + 0.055 + stock, $"b{i}", attributes: """{"service":"price"}""");
        }

        return shop;
    }

    // An order service that asks a contacts service. Broken, the contacts service stops half-way, and the order service complains.
    private static CaseBuilder Logged(bool broken)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 30; i++)
        {
            var found = broken ? "" : """,{"message":"10:00 INFO Contacts#40 found"}""";
            var complaint = broken ? """,{"message":"10:00 ERROR Orders#77 no contact"}""" : "";
            run.Call($"o{i}", "orders/create", i, i + 0.5, attributes: $$"""{"service":"orders","events":[{"message":"10:00 INFO Orders#70 start"}{{complaint}}]}""")
                .Call($"c{i}", "contacts/find", i + 0.1, i + 0.3, $"o{i}", attributes: $$"""{"service":"contacts","events":[{"message":"10:00 INFO Contacts#30 ask"}{{found}}]}""");
        }

        return run;
    }
}
