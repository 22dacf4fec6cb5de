using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Approvals;

/// <summary>
/// A second record of a decision, beside the incident's own, under an id that follows from the decision's: when the decision is gone, this one says so. It
/// is signed as the decision is.
/// </summary>
internal static class DecisionWitness
{
    private const string Decision = "decision";
    private const string Digest = "decision_digest";
    private const string Incident = "incident";

    public static string IdOf(string decisionId) => SpanIds.OfAudit(ArtifactDigest.Of(System.Text.Encoding.UTF8.GetBytes($"decision {decisionId}")));

    public static ValueTask<Span> CreateAsync(Span decision, SigningKey key, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString(Decision, decision.SpanId);
            writer.WriteString(Digest, SpanJson.Digest(decision).ToString());
            writer.WriteString(Incident, decision.IncidentId);
            writer.WriteEndObject();
        }

        return DecisionSeal.SignAsync(
            new Span
            {
                SpanId = IdOf(decision.SpanId),
                Tool = ToolNames.DecisionWitness,
                StartTs = decision.StartTs,
                EndTs = decision.EndTs,
                IncidentId = SpanIds.AuditIncident,
                Attributes = JsonElement.Parse(buffer.WrittenSpan),
            },
            key,
            cancellationToken);
    }

    /// <summary>Whether the witness speaks of this decision as it is.</summary>
    public static bool Knows(Span witness, Span decision) =>
        witness.Attributes.TextOf(Digest) == SpanJson.Digest(decision).ToString();
}
