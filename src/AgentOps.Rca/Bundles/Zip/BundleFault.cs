using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Bundles.Zip;

/// <summary>The first place where a bundle is not as it was exported.</summary>
/// <param name="Region">The place, such as <c>content of spans.jsonl</c>.</param>
/// <param name="Reason">What is wrong there, in a sentence.</param>
internal sealed record BundleFault(string Region, string Reason)
{
    /// <summary>The place; the names of files in it are those that the bundle gives.</summary>
    public string Region { get; init; } = UntrustedText.Clean(Region);

    /// <summary>What is wrong there.</summary>
    public string Reason { get; init; } = UntrustedText.Clean(Reason);
}
