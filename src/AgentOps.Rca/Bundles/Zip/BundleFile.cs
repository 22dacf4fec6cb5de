using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Bundles.Zip;

/// <summary>What is known of a file before it is written: its name, size and sums.</summary>
internal readonly record struct BundleFile(string Name, long Length, uint Crc32, ArtifactDigest Sha256);
