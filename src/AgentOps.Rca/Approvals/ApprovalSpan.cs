using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Json;
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
    private const string Approver = "approver";
    private const string Requester = "requester";
    private const string Predecessor = "predecessor";

    /// <summary>The id of the decision on a report.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="reportDigest">The report's digest as 64 hexadecimal digits, or null when there is none.</param>
    public static string IdOf(Guid incidentId, string? reportDigest) => SpanIds.OfApproval(incidentId, reportDigest);

    /// <summary>Makes the span.</summary>
    /// <param name="request">The decision.</param>
    /// <param name="reportDigest">The report it is about, or null.</param>
    /// <param name="now">When it is recorded.</param>
    /// <param name="requestedBy">Who is said to have asked for the analysis that the report comes from, or null.</param>
    /// <param name="fourEyes">Whether the approver must be somebody else.</param>
    public static Span Create(
        ApprovalRequest request, string? reportDigest, DateTimeOffset now, string? requestedBy = null, bool fourEyes = false) =>
        Create(request, reportDigest, now, Actor.Claimed(requestedBy), fourEyes);

    internal static Span Create(ApprovalRequest request, string? reportDigest, DateTimeOffset now, Actor? requester, bool fourEyes, string? predecessor = null)
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
            Attributes = Attributes(request, requester, fourEyes, predecessor),
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

        return span.Attributes.TextOf(Decision) switch
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
            ApprovedBy = span.Attributes.TextOf(ApprovedBy),
            Approver = ReadActor(span, Approver, ApprovedBy),
            Note = span.Attributes.TextOf(Note),
            RequestedBy = span.Attributes.TextOf(RequestedBy),
            Requester = ReadActor(span, Requester, RequestedBy),
            FourEyes = span.Attributes.TryGetProperty(FourEyes, out var rule) && rule.ValueKind == JsonValueKind.True,
            DecidedAt = EpochUnit.ToInstant(EpochUnit.ToNanoseconds(span.EndTs)),
        };
    }

    private static JsonElement Attributes(ApprovalRequest request, Actor? requester, bool fourEyes, string? predecessor)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString(Decision, request.Decision == ApprovalDecision.Approved ? "approved" : "rejected");
            writer.WriteString(ApprovedBy, request.Decider?.Name);
            writer.WriteString(Note, request.Note);
            if (requester?.Name is { } asked)
            {
                writer.WriteString(RequestedBy, asked);
            }

            // A name without more is a claim, as it always was.
            WriteKnown(writer, Approver, request.Decider);
            WriteKnown(writer, Requester, requester);

            if (fourEyes)
            {
                writer.WriteBoolean(FourEyes, true);
            }

            if (predecessor is not null)
            {
                writer.WriteString(Predecessor, predecessor);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    /// <summary>The digest of the span of the decision before it; null when it says none.</summary>
    internal static string? PredecessorOf(Span span) => span.Attributes.TextOf(Predecessor);

    private static void WriteKnown(Utf8JsonWriter writer, string name, Actor? actor)
    {
        if (actor is { Scheme: not null } or { Key: not null } or { Authenticated: true })
        {
            writer.WritePropertyName(name);
            ActorJson.Write(writer, actor);
        }
    }

    // What is said of how somebody is known counts for the name that stands beside it, and for no other.
    private static Actor? ReadActor(Span span, string member, string name) =>
        span.Attributes.TryGetProperty(member, out var known) && ActorJson.Read(known) is { } actor && actor.Name == span.Attributes.TextOf(name)
            ? actor
            : Actor.Claimed(span.Attributes.TextOf(name));
}
