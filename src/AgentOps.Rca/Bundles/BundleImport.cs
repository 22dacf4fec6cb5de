namespace AgentOps.Rca.Bundles;

/// <summary>How an import ended: exactly one of the records below.</summary>
public abstract record BundleImportOutcome
{
    private BundleImportOutcome()
    {
    }

    /// <summary>All of it is in the stores now.</summary>
    /// <param name="Import">What was new and what was there.</param>
    public sealed record Imported(BundleImport Import) : BundleImportOutcome;

    /// <summary>The body does not even begin as a bundle does. Nothing was written.</summary>
    /// <param name="Reason">Why, in a sentence.</param>
    public sealed record NotABundle(string Reason) : BundleImportOutcome;

    /// <summary>The bundle is not as it was exported. Nothing was written.</summary>
    /// <param name="Region">The first place that is not, such as <c>content of spans.jsonl</c>.</param>
    /// <param name="Reason">What is wrong there, in a sentence.</param>
    public sealed record Altered(string Region, string Reason) : BundleImportOutcome;

    /// <summary>The bundle is signed by a key that is not trusted here. Nothing was written.</summary>
    /// <param name="KeyId">The key's id.</param>
    public sealed record SignerNotTrusted(string KeyId) : BundleImportOutcome;

    /// <summary>
    /// Other records are stored under these names, and stay. Nothing was written when they belong to this incident; else the rest is there.
    /// </summary>
    /// <param name="IncidentId">The incident.</param>
    /// <param name="Records">Such as <c>span call-7</c>; at most the first 100.</param>
    public sealed record Conflict(Guid IncidentId, IReadOnlyList<string> Records) : BundleImportOutcome;
}

/// <summary>What an import did.</summary>
public sealed record BundleImport
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>Whether the incident is new here.</summary>
    public required bool Created { get; init; }

    /// <summary>How many spans are new here.</summary>
    public required long SpansAdded { get; init; }

    /// <summary>How many spans were here.</summary>
    public required long SpansKnown { get; init; }

    /// <summary>How many artifacts are new here.</summary>
    public required long ArtifactsAdded { get; init; }

    /// <summary>How many artifacts were here.</summary>
    public required long ArtifactsKnown { get; init; }

    /// <summary>The digests that the bundle names and does not hold.</summary>
    public required IReadOnlyList<string> ArtifactsLeftOut { get; init; }

    /// <summary>The id of the key that signed the bundle.</summary>
    public required string KeyId { get; init; }

    /// <summary>The replay digest that the bundle claims; a replay here has the same while nothing is added to the incident.</summary>
    public required string ReplayDigest { get; init; }

    /// <summary>The latest report, or null.</summary>
    public string? ReportDigest { get; init; }
}
