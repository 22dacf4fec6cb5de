using System.Text;
using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.AspNetCore.Analysis;

/// <summary>A report on the wire: its stored form, byte for byte, with its digest in front.</summary>
internal static class ReportForm
{
    public static byte[] ToUtf8(RcaReport report) =>
        [.. Encoding.ASCII.GetBytes($"{{\"report_digest\":\"{report.ReportDigest}\","), .. RcaJson.ToUtf8(report).AsSpan(1)];
}
