namespace AgentOps.Rca.Bundles;

/// <summary>What goes into a bundle.</summary>
public sealed record BundleOptions
{
    /// <summary>
    /// Whether artifacts in which personal data is not masked go in; true by default. Without them the replay of the bundle is
    /// incomplete, and the signed statement says what was left out.
    /// </summary>
    public bool IncludeUnmasked { get; init; } = true;

    /// <summary>
    /// Whether the entries of the audit that belong to the incident go in, as <c>audit.jsonl</c>: who did what, with names and network addresses. False by default: the same
    /// incident then gives the same archive however often it is exported. Verifiers of before take no bundle that has them.
    /// </summary>
    public bool IncludeAudit { get; init; }
}
