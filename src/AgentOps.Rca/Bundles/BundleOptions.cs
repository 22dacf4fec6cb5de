namespace AgentOps.Rca.Bundles;

/// <summary>What goes into a bundle.</summary>
public sealed record BundleOptions
{
    /// <summary>
    /// Whether artifacts in which personal data is not masked go in; true by default. Without them the replay of the bundle is
    /// incomplete, and the signed statement says what was left out.
    /// </summary>
    public bool IncludeUnmasked { get; init; } = true;
}
