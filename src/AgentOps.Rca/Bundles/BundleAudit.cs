using System.Globalization;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Bundles.Streams;
using AgentOps.Rca.Bundles.Zip;

namespace AgentOps.Rca.Bundles;

/// <summary>Whether the entries of the audit in a bundle are as they were written, and of this incident.</summary>
internal static class BundleAudit
{
    /// <summary>Checks them; null when there are none.</summary>
    public static async ValueTask<BundleCheck?> CheckAsync(BundleArchive archive, Guid incidentId, CancellationToken cancellationToken)
    {
        if (!archive.Has(BundleNames.Audit))
        {
            return null;
        }

        var content = archive.Open(BundleNames.Audit);
        await using var contentDisposal = content.ConfigureAwait(false);
        var lines = new LineReader(content);
        var count = 0;
        while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            count++;
            var span = BundleLines.ReadCanonicalSpan(lines.Line);
            if (span is null || AuditSpan.Read(span) is not { Intact: true } record || record.Entry.IncidentId != incidentId)
            {
                return new BundleCheck(false, $"The entry {span?.SpanId} of the audit is not as it was written, or not of this incident.");
            }
        }

        return new BundleCheck(true, string.Create(
            CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "entry" : "entries")} of the exporting host's audit, each as it was written; whether one is missing, they cannot tell."));
    }
}
