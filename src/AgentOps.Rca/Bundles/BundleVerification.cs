using System.Text.Json.Serialization;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Bundles;

/// <summary>How the verification of a body ended: exactly one of the records below.</summary>
public abstract record BundleVerificationOutcome
{
    private BundleVerificationOutcome()
    {
    }

    /// <summary>The body is a bundle; the verification says how good a one.</summary>
    /// <param name="Verification">The checks.</param>
    public sealed record Verified(BundleVerification Verification) : BundleVerificationOutcome;

    /// <summary>The body does not even begin as a bundle does.</summary>
    /// <param name="Reason">Why, in a sentence.</param>
    public sealed record NotABundle(string Reason) : BundleVerificationOutcome
    {
        /// <summary>Why, without control or format characters.</summary>
        public string Reason { get; init; } = UntrustedText.Clean(Reason);
    }
}

/// <summary>What was checked of a bundle.</summary>
public sealed record BundleVerification
{
    /// <summary>Whether it is intact and signed by a key that is trusted here.</summary>
    public bool Valid => Checks.Intact.Ok && Checks.Signed.Ok;

    /// <summary>The checks, each with its own verdict.</summary>
    public required BundleChecks Checks { get; init; }

    /// <summary>The first place that is not as it was exported, such as <c>content of spans.jsonl</c>; null when it is intact.</summary>
    public string? Region { get; init; }

    /// <summary>The incident; null when the bundle is not intact.</summary>
    public Guid? IncidentId { get; init; }

    /// <summary>The id of the key that signed it; null when the bundle is not intact.</summary>
    public string? KeyId { get; init; }

    /// <summary>The replay digest that was found now; null when the bundle is not intact, or was not replayed.</summary>
    public string? ReplayDigest { get; init; }
}

/// <summary>The checks of a bundle.</summary>
/// <param name="Intact">Whether every byte is as exported.</param>
/// <param name="Signed">Whether a key that is trusted here has signed it, and which.</param>
/// <param name="Replay">Whether a replay of it now reproduces the reports, and finds what the bundle says it finds.</param>
/// <param name="Grounded">Whether what the latest report cites is in the bundle.</param>
/// <param name="Approved">Whether a person has approved the latest report, and who.</param>
public sealed record BundleChecks(BundleCheck Intact, BundleCheck Signed, BundleCheck Replay, BundleCheck Grounded, BundleCheck Approved)
{
    /// <summary>Whether the entries of the audit in it are as they were written; null when there are none in it, as in most bundles.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BundleCheck? Audit { get; init; }

    /// <summary>Those that there are, by name.</summary>
    internal IReadOnlyList<(string Name, BundleCheck Check)> Named =>
    [
        ("intact", Intact), ("signed", Signed), ("replay", Replay), ("grounded", Grounded), ("approved", Approved),
        .. Audit is null ? ((string, BundleCheck)[])[] : [("audit", Audit)],
    ];
}

/// <summary>A check and what it found.</summary>
/// <param name="Ok">Whether it holds.</param>
/// <param name="Detail">What was found, in a sentence.</param>
public sealed record BundleCheck(bool Ok, string Detail)
{
    /// <summary>What was found, in a sentence without control or format characters: names in it are those that the bundle gives.</summary>
    public string Detail { get; init; } = UntrustedText.Clean(Detail);
}
