using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Bundles.Zip;

/// <summary>Which file may follow which in a bundle.</summary>
internal static class BundleOrder
{
    private const int ArtifactRank = 3;
    private const int ReplayRank = 5;
    private const int SumsRank = 7;

    private static readonly string[] Names =
    [
        BundleNames.Incident, BundleNames.Spans, BundleNames.ArtifactRows, BundleNames.ArtifactPrefix, BundleNames.Report, BundleNames.Replay,
        BundleNames.Audit, BundleNames.Sums, BundleNames.Readme, BundleNames.Statement, BundleNames.Envelope, BundleNames.SignedBytes, BundleNames.Signature,
        BundleNames.PublicKey,
    ];

    /// <summary>Whether the file may come after the other one; null stands for the beginning.</summary>
    public static bool MayFollow(string? previous, string name)
    {
        var from = previous is null ? -1 : RankOf(previous);
        var to = RankOf(name);
        return to >= 0 && to switch
        {
            ArtifactRank => from == ArtifactRank - 1 || (from == ArtifactRank && string.CompareOrdinal(previous, name) < 0),
            > ArtifactRank and <= ReplayRank => from >= ArtifactRank - 1 && from < to,
            SumsRank => from is ReplayRank or SumsRank - 1,
            _ => from == to - 1,
        };
    }

    /// <summary>The digest that an artifact's file is named by, or null for another file.</summary>
    public static ArtifactDigest? ArtifactOf(string name) =>
        name.StartsWith(BundleNames.ArtifactPrefix, StringComparison.Ordinal)
        && ArtifactDigest.TryParse(name[BundleNames.ArtifactPrefix.Length..], out var digest)
        && BundleNames.OfArtifact(digest) == name ? digest : null;

    private static int RankOf(string name) => ArtifactOf(name) is not null ? ArtifactRank
        : name == BundleNames.ArtifactPrefix ? -1
        : Array.IndexOf(Names, name);
}
