using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Requests;

namespace AgentOps.Rca.AspNetCore.Reading;

/// <summary>Which report a question is about: the parameter <c>report</c>.</summary>
internal static class ReportParameter
{
    /// <summary>The report's digest in its usual form; null when none is given, or none that could be one.</summary>
    public static string? Report(this QueryValues values)
    {
        if (values.Text("report") is not { } text)
        {
            return null;
        }

        if (ArtifactDigest.TryParse(text, out var digest))
        {
            return digest.ToString();
        }

        values.Fail("report", "It must be the digest of a report: the 64 hexadecimal digits of a SHA-256; 'sha256:' may stand before them.");
        return null;
    }
}
