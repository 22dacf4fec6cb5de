using AgentOps.Rca.Bundles;

namespace AgentOps.Rca.AspNetCore.Bundles;

/// <summary>What an import did, on the wire.</summary>
internal sealed record BundleImportResponse(
    Guid IncidentId,
    bool Created,
    ImportedCount Spans,
    ImportedCount Artifacts,
    IReadOnlyList<string> ArtifactsLeftOut,
    string KeyId,
    string ReplayDigest,
    string? ReportDigest)
{
    public static BundleImportResponse Of(BundleImport import) => new(
        import.IncidentId,
        import.Created,
        new ImportedCount(import.SpansAdded, import.SpansKnown),
        new ImportedCount(import.ArtifactsAdded, import.ArtifactsKnown),
        import.ArtifactsLeftOut,
        import.KeyId,
        import.ReplayDigest,
        import.ReportDigest);
}

/// <summary>How many records were new, and how many were there.</summary>
internal sealed record ImportedCount(long Added, long Known);

/// <summary>A key that this host trusts.</summary>
internal sealed record TrustedKeyResponse(string KeyId, bool Signs, string Pem);
