using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Bundles.Zip;

/// <summary>The files of a bundle, in their order.</summary>
internal static class BundleNames
{
    public const string Incident = "incident.json";
    public const string Spans = "spans.jsonl";
    public const string ArtifactRows = "artifacts.jsonl";
    public const string ArtifactPrefix = "artifacts/";
    public const string Report = "report.json";
    public const string Replay = "replay.json";
    public const string Audit = "audit.jsonl";
    public const string Sums = "SHA256SUMS";
    public const string Readme = "README.txt";
    public const string Statement = "statement.json";
    public const string Envelope = "attestation.json";
    public const string SignedBytes = "attestation.pae";
    public const string Signature = "attestation.sig";
    public const string PublicKey = "public-key.pem";

    /// <summary>The longest name there is: that of an artifact.</summary>
    public const int Longest = 74;

    public static string OfArtifact(ArtifactDigest digest) => $"{ArtifactPrefix}{digest}";
}
