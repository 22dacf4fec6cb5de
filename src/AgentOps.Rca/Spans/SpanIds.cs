using System.Buffers;
using System.Globalization;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Spans;

/// <summary>
/// The ids of the spans that this library makes itself. They follow from what the span says, so that a repeated write is the same one
/// and a race has one winner; spans from elsewhere may not take them.
/// </summary>
internal static class SpanIds
{
    private const string AnalysisPrefix = "rca-";
    private const string ApprovalPrefix = "approval-";
    private const string NotificationPrefix = "notified-";
    private const string ClaimPrefix = "claim-";
    private const string AuditPrefix = "audit-";
    private const string NoReport = "no-report";

    // What is recorded of people and programs stands beside the incidents, in the place of one.
    internal const string AuditIncident = "audit";

    private const int AnalysisDigits = 32;
    private const int GuidLength = 36;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>The id of an analysis: <c>rca-</c> and the first 32 digits of its case manifest's digest.</summary>
    /// <param name="manifestDigest">The digest of the case manifest.</param>
    public static string OfAnalysis(ArtifactDigest manifestDigest) => AnalysisPrefix + manifestDigest.ToString()[..AnalysisDigits];

    /// <summary>The id of a model call of an analysis: the analysis' own, a dash, and the number of the call from 1.</summary>
    /// <param name="analysisSpanId">The id of the analysis.</param>
    /// <param name="call">The number of the call.</param>
    public static string OfModelCall(string analysisSpanId, int call) =>
        string.Create(CultureInfo.InvariantCulture, $"{analysisSpanId}-{call}");

    /// <summary>The id of the decision on a report: one for each incident and report.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="reportDigest">The report's digest as 64 hexadecimal digits, or null when there is none.</param>
    public static string OfApproval(Guid incidentId, string? reportDigest) => $"{ApprovalPrefix}{incidentId:D}-{reportDigest ?? NoReport}";

    /// <summary>The id of the record that those who asked were told of an incident: one for each incident.</summary>
    /// <param name="incidentId">The incident.</param>
    public static string OfNotification(Guid incidentId) => $"{NotificationPrefix}{incidentId:D}";

    /// <summary>The id of a host's claim to see an incident through: one for each incident and turn.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="turn">The number of the turn.</param>
    public static string OfClaim(Guid incidentId, long turn) => string.Create(CultureInfo.InvariantCulture, $"{ClaimPrefix}{incidentId:D}-{turn}");

    /// <summary>The id of a record of who did what: <c>audit-</c> and the first 32 digits of the digest of what it says.</summary>
    /// <param name="digest">The digest.</param>
    internal static string OfAudit(ArtifactDigest digest) => AuditPrefix + digest.ToString()[..AnalysisDigits];

    /// <summary>Whether this is the id of a model call of that analysis.</summary>
    /// <param name="spanId">The id.</param>
    /// <param name="analysisSpanId">The id of the analysis, which the call names as its parent; null is none.</param>
    public static bool IsModelCall(string spanId, string? analysisSpanId)
    {
        ArgumentNullException.ThrowIfNull(spanId);
        return analysisSpanId is not null && spanId.Length > analysisSpanId.Length + 1
            && spanId.StartsWith(analysisSpanId, StringComparison.Ordinal) && spanId[analysisSpanId.Length] == '-' && IsReserved(spanId);
    }

    /// <summary>Whether an id is of a form that only this library makes.</summary>
    /// <param name="spanId">The id of a span from elsewhere.</param>
    public static bool IsReserved(string spanId)
    {
        ArgumentNullException.ThrowIfNull(spanId);
        return spanId.StartsWith(AnalysisPrefix, StringComparison.Ordinal) ? IsAnalysis(spanId.AsSpan(AnalysisPrefix.Length))
            : spanId.StartsWith(ApprovalPrefix, StringComparison.Ordinal) ? IsApproval(spanId.AsSpan(ApprovalPrefix.Length))
            : spanId.StartsWith(AuditPrefix, StringComparison.Ordinal)
                ? spanId.Length == AuditPrefix.Length + AnalysisDigits && IsLowerHex(spanId.AsSpan(AuditPrefix.Length))
            : spanId.StartsWith(ClaimPrefix, StringComparison.Ordinal) ? IsClaim(spanId.AsSpan(ClaimPrefix.Length))
            : spanId.StartsWith(NotificationPrefix, StringComparison.Ordinal)
                && Guid.TryParseExact(spanId.AsSpan(NotificationPrefix.Length), "D", out _);
    }

    private static bool IsAnalysis(ReadOnlySpan<char> rest) =>
        rest.Length >= AnalysisDigits && IsLowerHex(rest[..AnalysisDigits])
        && (rest.Length == AnalysisDigits || (rest[AnalysisDigits] == '-' && IsNumber(rest[(AnalysisDigits + 1)..])));

    private static bool IsApproval(ReadOnlySpan<char> rest) =>
        rest.Length > GuidLength && rest[GuidLength] == '-' && Guid.TryParseExact(rest[..GuidLength], "D", out _)
        && rest[(GuidLength + 1)..] is var report
        && (report.SequenceEqual(NoReport) || (report.Length == ArtifactDigest.TextLength && IsLowerHex(report)));

    private static bool IsClaim(ReadOnlySpan<char> rest) =>
        rest.Length > GuidLength && rest[GuidLength] == '-' && Guid.TryParseExact(rest[..GuidLength], "D", out _) && IsNumber(rest[(GuidLength + 1)..]);

    private static bool IsLowerHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(HexDigits);

    private static bool IsNumber(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');
}
