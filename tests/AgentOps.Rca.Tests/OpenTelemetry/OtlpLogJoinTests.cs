using System.Globalization;
using System.Text;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.Replay;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Tests.OpenTelemetry;

/// <summary>Services that log what they do: once within their spans, once as OTLP brings it, in records and requests of their own.</summary>
public sealed class OtlpLogJoinTests
{
    private const int Runs = 40;
    private const long Second = 1_000_000_000;
    private const long Incident = 1_767_225_600 * Second;
    private const long Quiet = Incident - (1_800 * Second);

    public enum Order
    {
        Within,
        LogsFirst,
        LogsLast,
        Interleaved,
    }

    [Theory]
    [InlineData(Order.LogsFirst)]
    [InlineData(Order.LogsLast)]
    [InlineData(Order.Interleaved)]
    public async Task Logs_sent_by_OTLP_lead_to_the_same_causes_as_events_of_the_spans(Order order)
    {
        var within = await AnalyzeAsync(await SendAsync(Order.Within));
        var recorded = await SendAsync(order);

        var joined = await AnalyzeAsync(recorded);

        Assert.Equal(RcaVerdict.Identified, within.Verdict);
        Assert.Contains("payment", within.RootCause, StringComparison.Ordinal);
        Assert.Equal(within.RootCause, joined.RootCause);
        Assert.Equal(within.Confidence, joined.Confidence);
        Assert.Equal(Ranks(within), Ranks(joined));
        Assert.Equal(within.Gaps, joined.Gaps);
        Assert.All(joined.Evidence, evidence => Assert.True(evidence.Checked, evidence.Text));
        Assert.Equal(within.Evidence.Count, joined.Evidence.Count);
    }

    [Fact]
    public async Task The_evidence_points_at_the_log_record_and_holds_in_replay_and_bundle()
    {
        var recorded = await SendAsync(Order.Interleaved);

        var report = await AnalyzeAsync(recorded);

        var cited = report.Evidence.Where(evidence => evidence.Pointer == "/attributes/events").ToList();
        Assert.NotEmpty(cited);
        foreach (var evidence in cited)
        {
            var log = await recorded.Spans.GetAsync(evidence.SpanId!, TestContext.Current.CancellationToken);
            Assert.Equal(ToolNames.Log, log!.Tool);
            Assert.Contains("declined", log.Attributes.GetRawText(), StringComparison.Ordinal);
        }

        var replayed = await recorded.ReplayAsync();
        Assert.Equal(ReplayVerdict.Reproduced, replayed.Verdict);
        var verified = await recorded.VerifyAsync(await recorded.ExportAsync());
        Assert.True(verified is { Valid: true, Checks: { Replay.Ok: true, Grounded.Ok: true } }, verified.Checks.ToString());
    }

    private static List<(int, string, string?, double)> Ranks(RcaReport report) =>
        [.. report.Hypotheses.Select(claim => (claim.Rank, claim.Cause, claim.Tool, claim.Score))];

    private static async Task<RcaReport> AnalyzeAsync(RecordedIncident recorded)
    {
        var analyzer = new RcaAnalyzer(
            recorded.Incidents, recorded.Spans, recorded.Vault, recorded.Engines, recorded.Time, NullLogger<RcaAnalyzer>.Instance);
        return Assert.IsType<RcaOutcome.Completed>(await analyzer.AnalyzeAsync(
            new RcaRequest { IncidentId = recorded.Incident.Id, Engine = RcaEngines.Trace }, cancellationToken: TestContext.Current.CancellationToken)).Report;
    }

    private static async Task<RecordedIncident> SendAsync(Order order)
    {
        var recorded = await RecordedIncident.CreateAsync(Samples.Incident(7));
        recorded.Engines.Add(new TraceRcaEngine());
        var intake = new OtlpIntake(new SpanIntake(recorded.Spans), recorded.Vault);
        List<(bool AreLogs, string Body)> requests = [];
        foreach (var (at, incidentId) in new[] { (Quiet, (string?)null), (Incident, recorded.IncidentId) })
        {
            for (var run = 0; run < Runs; run += 10)
            {
                var calls = Enumerable.Range(run, 10).SelectMany(number => Calls(at, number, isFaulty: incidentId is not null)).ToList();
                requests.Add((false, Traces(calls, incidentId, order == Order.Within)));
                if (order != Order.Within)
                {
                    requests.Add((true, Logs(calls, incidentId)));
                }
            }
        }

        var inOrder = order switch
        {
            Order.LogsFirst => requests.OrderByDescending(request => request.AreLogs),
            Order.LogsLast => requests.OrderBy(request => request.AreLogs),
            _ => requests.OrderBy(_ => 0),
        };
        foreach (var (areLogs, body) in inOrder)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            var outcome = areLogs ? await intake.TakeLogsAsync(bytes, OtlpEncoding.Json) : await intake.TakeTracesAsync(bytes, OtlpEncoding.Json);
            Assert.Equal((0, null), (outcome.Rejected, outcome.Malformed));
        }

        return recorded;
    }

    // A checkout calls payment, which is declined in most runs of the incident and then does not come to its last step.
    private static IEnumerable<Call> Calls(long start, int run, bool isFaulty)
    {
        var at = start + (run * Second);
        var trace = $"{(isFaulty ? 2 : 1):x8}{run:x24}";
        var declined = isFaulty && run % 4 != 0;
        yield return new Call(trace, "00000000000000a1", null, "shop", "checkout", at, at + 90_000_000,
            [(at + 1, "INFO checkout begins"), (at + 89_000_000, declined ? "INFO checkout gives up" : "INFO checkout ends")]);
        yield return new Call(trace, "00000000000000b1", "00000000000000a1", "payment", "charge", at + 5_000_000, at + 60_000_000,
            declined
                ? [(at + 6_000_000, "INFO charge begins"), (at + 59_000_000, $"ERROR card {run} declined by the bank")]
                : [(at + 6_000_000, "INFO charge begins"), (at + 59_000_000, "INFO charge is done")]);
        yield return new Call(trace, "00000000000000c1", "00000000000000a1", "mail", "send", at + 61_000_000, at + 80_000_000 + run,
            [(at + 62_000_000, "INFO mail is queued")]);
    }

    private static string Traces(List<Call> calls, string? incidentId, bool withEvents) => Request("resourceSpans", "scopeSpans", "spans", calls, incidentId, call =>
    [
        $$"""
        {"traceId":"{{call.Trace}}","spanId":"{{call.Id}}","parentSpanId":"{{call.Parent}}","name":"{{call.Name}}","startTimeUnixNano":"{{call.From}}","endTimeUnixNano":"{{call.To}}",
        "events":[{{(withEvents ? string.Join(',', call.Events.Select(item => $$"""{"timeUnixNano":"{{item.At}}","name":"{{item.Text}}"}""")) : "")}}]}
        """,
    ]);

    private static string Logs(List<Call> calls, string? incidentId) => Request("resourceLogs", "scopeLogs", "logRecords", calls, incidentId, call =>
        call.Events.OrderByDescending(item => item.At).Select(item =>
            $$"""{"traceId":"{{call.Trace}}","spanId":"{{call.Id}}","timeUnixNano":"{{item.At}}","body":{"stringValue":"{{item.Text}}"} }"""));

    private static string Request(
        string resources, string scopes, string records, List<Call> calls, string? incidentId, Func<Call, IEnumerable<string>> write)
    {
        var incident = incidentId is null ? "" : $$""",{"key":"agentops.incident.id","value":{"stringValue":"{{incidentId}}"} }""";
        var groups = calls.GroupBy(call => call.Service).Select(service => string.Create(CultureInfo.InvariantCulture, $$"""
            {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{service.Key}}"} }{{incident}}]},
            "{{scopes}}":[{"{{records}}":[{{string.Join(',', service.SelectMany(write))}}]}]}
            """));
        return $$"""{"{{resources}}":[{{string.Join(',', groups)}}]}""";
    }

    private sealed record Call(
        string Trace, string Id, string? Parent, string Service, string Name, long From, long To, IReadOnlyList<(long At, string Text)> Events);
}
