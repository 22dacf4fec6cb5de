using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Approvals;

/// <summary>
/// The span that records a decision: args = the report decided on. Its id is the same for every decision on one report, so the store's
/// insert-if-absent lets exactly one of them in.
/// </summary>
internal static class ApprovalSpan
{
    private const string Decision = "decision";
    private const string ApprovedBy = "approved_by";
    private const string Note = "note";
    private const string RequestedBy = "requested_by";
    private const string FourEyes = "four_eyes";

    /// <summary>The id of the decision on a report.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="reportDigest">The report's digest as 64 hexadecimal digits, or null when there is none.</param>
    public static string IdOf(Guid incidentId, string? reportDigest) => SpanIds.OfApproval(incidentId, reportDigest);

    /// <summary>Makes the span.</summary>
    /// <param name="request">The decision.</param>
    /// <param name="reportDigest">The report it is about, or null.</param>
    /// <param name="now">When it is recorded.</param>
    /// <param name="requestedBy">Who asked for the analysis that the report comes from, or null.</param>
    /// <param name="fourEyes">Whether the approver must be somebody else.</param>
    public static Span Create(
        ApprovalRequest request, string? reportDigest, DateTimeOffset now, string? requestedBy = null, bool fourEyes = false)
    {
        ArgumentNullException.ThrowIfNull(request);
        var at = EpochUnit.Microseconds(now);
        return new Span
        {
            SpanId = IdOf(request.IncidentId, reportDigest),
            Tool = ToolNames.HumanApproval,
            StartTs = at,
            EndTs = at,
            ArgsDigest = reportDigest,
            IncidentId = request.IncidentId.ToString("D"),
            Attributes = Attributes(request, requestedBy, fourEyes),
        };
    }

    /// <summary>Reads a decision back.</summary>
    /// <param name="span">A span.</param>
    /// <returns>The decision, or null when the span records none.</returns>
    public static Approval? Read(Span span)
    {
        ArgumentNullException.ThrowIfNull(span);
        // Only the span of this id took part in the race; another one that looks like a decision is none.
        if (span.Tool != ToolNames.HumanApproval || !Guid.TryParseExact(span.IncidentId, "D", out var incidentId)
            || span.SpanId != IdOf(incidentId, span.ArgsDigest))
        {
            return null;
        }

        return Text(span, Decision) switch
        {
            "approved" => Make(ApprovalDecision.Approved),
            "rejected" => Make(ApprovalDecision.Rejected),
            _ => null,
        };

        Approval Make(ApprovalDecision decision) => new()
        {
            SpanId = span.SpanId,
            IncidentId = incidentId,
            Decision = decision,
            ReportDigest = span.ArgsDigest,
            ApprovedBy = Text(span, ApprovedBy),
            Note = Text(span, Note),
            RequestedBy = Text(span, RequestedBy),
            FourEyes = span.Attributes.TryGetProperty(FourEyes, out var rule) && rule.ValueKind == JsonValueKind.True,
            DecidedAt = EpochUnit.ToInstant(EpochUnit.ToNanoseconds(span.EndTs)),
        };
    }

    private static JsonElement Attributes(ApprovalRequest request, string? requestedBy, bool fourEyes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString(Decision, request.Decision == ApprovalDecision.Approved ? "approved" : "rejected");
            writer.WriteString(ApprovedBy, request.ApprovedBy);
            writer.WriteString(Note, request.Note);
            if (requestedBy is not null)
            {
                writer.WriteString(RequestedBy, requestedBy);
            }

            if (fourEyes)
            {
                writer.WriteBoolean(FourEyes, true);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static string? Text(Span span, string name) =>
        span.Attributes.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
