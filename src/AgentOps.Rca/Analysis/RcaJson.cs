using System.Text.Json;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis;

/// <summary>The stored forms of reports and case manifests: canonical JSON (RFC 8785), so that the same content has the same digest.</summary>
public static class RcaJson
{
    /// <summary>The media type of a stored report.</summary>
    public const string ReportMime = "application/vnd.agentops-rca.report+json";

    /// <summary>The stored form of a report, without <see cref="RcaReport.ReportDigest"/>.</summary>
    /// <param name="report">The report.</param>
    public static byte[] ToUtf8(RcaReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return CanonicalJson.ToUtf8(
            JsonSerializer.SerializeToElement(report with { ReportDigest = null }, RcaJsonContext.Default.RcaReport));
    }

    /// <summary>The stored form of a case manifest.</summary>
    /// <param name="manifest">The manifest.</param>
    internal static byte[] ToUtf8(CaseManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return CanonicalJson.ToUtf8(JsonSerializer.SerializeToElement(manifest, RcaJsonContext.Default.CaseManifest));
    }

    /// <summary>Reads a stored report.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <returns>The report, or null when the bytes are no report.</returns>
    public static RcaReport? ReadReport(ReadOnlySpan<byte> utf8) =>
        Read(utf8, RcaJsonContext.Default.RcaReport) is { } report && !HoldsNull(report) ? report : null;

    /// <summary>Reads a stored case manifest.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <returns>The manifest, or null when the bytes are no manifest.</returns>
    internal static CaseManifest? ReadManifest(ReadOnlySpan<byte> utf8) =>
        Read(utf8, RcaJsonContext.Default.CaseManifest) is { } manifest && !HoldsNull(manifest) ? manifest : null;

    // The serializer looks at members, and at no item of a list.
    private static bool HoldsNull(RcaReport report) =>
        AnyNull(report.Hypotheses) || AnyNull(report.Evidence) || AnyNull(report.ContributingFactors) || AnyNull(report.Recommendations)
        || AnyNull(report.Timeline) || AnyNull(report.Gaps) || HoldsNull(report.Patterns)
        || report.Hypotheses.Any(hypothesis => AnyNull(hypothesis.Evidence) || !double.IsFinite(hypothesis.Score)) || !double.IsFinite(report.Confidence);

    private static bool HoldsNull(CaseManifest manifest) =>
        HoldsNull(manifest.History) || AnyNull(manifest.Baseline.Links.Values) || AnyNull(manifest.Baseline.Tools.Values)
        || manifest.Baseline.Tools.Values.Any(tool =>
            HoldsNull(tool.Calls) || HoldsNull(tool.Sequences) || HoldsNull(tool.Events)
            || (tool.Arguments is { } arguments && AnyNull(arguments.Members.Values)));

    private static bool HoldsNull(IReadOnlyList<RcaPattern> patterns) => AnyNull(patterns) || patterns.Any(pattern => AnyNull(pattern.Approved));

    private static bool HoldsNull(CallShapes shapes) => AnyNull(shapes.Words) || AnyNull(shapes.Shapes);

    private static bool AnyNull<T>(IEnumerable<T> items) => items.Any(item => item is null);

    private static T? Read<T>(ReadOnlySpan<byte> utf8, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, type);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException or FormatException
            or NotSupportedException)
        {
            // A text that is half of a surrogate pair, two keys that are one, a number that is none: all of it says that this is no such document.
            return null;
        }
    }
}
