namespace AgentOps.Rca.Bundles;

/// <summary>The first place where a bundle is not as it was exported.</summary>
/// <param name="Region">The place, such as <c>content of spans.jsonl</c>.</param>
/// <param name="Reason">What is wrong there, in a sentence.</param>
internal sealed record BundleFault(string Region, string Reason);
