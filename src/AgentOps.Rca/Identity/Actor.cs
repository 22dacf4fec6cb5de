using System.Text.Json.Serialization;

namespace AgentOps.Rca.Identity;

/// <summary>
/// Who did something, and how that is known. A name alone is a claim: it was told by whoever sent the request, and nothing proves it.
/// </summary>
/// <param name="Name">The name: that of the authenticated identity, else the one that was claimed; null when none is known.</param>
public sealed record Actor(string? Name)
{
    /// <summary>What names callers of the API key that <c>AGENTOPS_API_KEY</c> sets: everybody may hold it, so it names nobody.</summary>
    public const string SharedKey = "AGENTOPS_API_KEY";

    /// <summary>Whether the name is that of an identity that was proven, and not only claimed.</summary>
    public bool Authenticated { get; init; }

    /// <summary>The scheme that authenticated the request, such as <c>AgentOpsRcaKey</c> or <c>Bearer</c>; null when none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scheme { get; init; }

    /// <summary>The name of the key that was sent; null when it was none of this library's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>A name that was told and that nothing proves; null when none was told.</summary>
    /// <param name="name">The name, or null.</param>
    public static Actor? Claimed(string? name) => name is null ? null : new Actor(name);

    /// <summary>The same words wherever people read of somebody: a name that is only claimed is never without that word.</summary>
    internal string Describe() => Describe(Name ?? "somebody who is not named");

    /// <summary>How the actor is known, behind a name that is written in another way.</summary>
    internal string Describe(string name) =>
        Authenticated ? $"{name} (authenticated by {Scheme}{(Key is null || Key == Name ? "" : $", key {Key}")})"
        : Key is not null ? $"{name} (claimed, by a holder of the key {Key})"
        : Name is null ? name
        : $"{name} (claimed)";
}
