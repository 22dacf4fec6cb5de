using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Analysis.LanguageModel;

/// <summary>
/// A trace engine whose finding is known: the carrier's tool fails (E1, a quote in the span), and what it returned is a note (E2, a
/// pointer into the artifact).
/// </summary>
internal sealed class FixedTraceEngine : IRcaEngine
{
    public const string Tool = "tool.call/carrier.quote";
    public const string Cause = "tool.call/carrier.quote failed 4 times with 429 Too Many Requests.";
    public const string Quote = "429 Too Many Requests";

    public string Name => "trace";

    public string Version => "fixed";

    public RcaVerdict Verdict { get; init; } = RcaVerdict.Identified;

    public bool HasEvidence { get; init; } = true;

    /// <summary>An incident, its spans, and the artifact with a note in it.</summary>
    public static (Incident Incident, Span[] Spans, byte[] Artifact) Case(string note, string details = "{}")
    {
        var artifact = Encoding.UTF8.GetBytes($$"""{"note":{{JsonSerializer.Serialize(note)}},"status":"late"}""");
        var id = Samples.Incident(1).Id.ToString("D");
        var incident = Samples.Incident(1) with { Details = JsonElement.Parse(details) };
        Span[] spans =
        [
            Samples.Span("root", 1_000, "agent.run/order-agent", id),
            Samples.Span("quote", 1_001, Tool, id, $$$"""{"status":"error","error":{"type":"rate_limited","message":"{{{Quote}}}"}}""") with
            {
                ParentId = "root",
                ResultDigest = ArtifactDigest.Of(artifact).ToString(),
            },
        ];
        return (incident, spans, artifact);
    }

    public ValueTask<RcaReport> AnalyzeAsync(
        RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var quote = rcaCase.Spans.Find("quote")!;
        return ValueTask.FromResult(new RcaReport
        {
            IncidentId = rcaCase.Incident.Id,
            Verdict = Verdict,
            Confidence = Verdict == RcaVerdict.Identified ? 0.9 : 0.1,
            Summary = Cause,
            RootCause = Verdict == RcaVerdict.Identified ? Cause : null,
            Hypotheses = Verdict == RcaVerdict.Identified
                ? [new RcaHypothesis { Rank = 1, Cause = Cause, Category = "rate_limited", Tool = Tool, Score = 2, Evidence = ["E1", "E2"], Grounded = true }]
                : [],
            Evidence = !HasEvidence ? [] :
            [
                new RcaEvidence { Id = "E1", Kind = "error_origin", SpanId = "quote", Quote = Quote, Text = Cause, Checked = true },
                new RcaEvidence
                {
                    Id = "E2", Kind = "result", SpanId = "quote", ArtifactDigest = quote.ResultDigest!.Value.ToString(), Pointer = "/note",
                    Text = "tool.call/carrier.quote returned a note.", Checked = true,
                },
            ],
            GroundedClaimRate = 1,
            Engine = Name,
            EngineVersion = Version,
            AnalysisTimestamp = rcaCase.AnalyzedAt,
        });
    }
}
