using System.ComponentModel.DataAnnotations;
using AgentOps.Rca.Identity;

namespace AgentOps.Rca.Tenancy;

/// <summary>
/// The tenants of a host, from the section <c>AgentOpsRca:Tenants</c> and what code sets, which wins. Without <see cref="Names"/> the host keeps none apart.
/// </summary>
public sealed class RcaTenantsOptions
{
    /// <summary>All tenants whose names are names: <c>*</c>.</summary>
    internal const string Any = "*";

    /// <summary>
    /// <c>AGENTOPS_TENANTS</c>: the names of the tenants, with commas between them, or <c>*</c> for whichever a key or the claim names. The tenants of a list are
    /// opened when the host starts, those of <c>*</c> when they are first asked for.
    /// </summary>
    public string? Names { get; set; }

    /// <summary>The claim that names the tenant of a user of the host's own authentication. Holders of keys have theirs in the line of the key.</summary>
    public string? Claim { get; set; }

    /// <summary>How many tenants one process opens at most: 1,000. Each takes about a megabyte of memory, and what its records are cached with.</summary>
    [Range(1, 100_000)]
    public int Most { get; set; } = 1_000;

    /// <summary>
    /// Whether stores and storage backends of the application's own keep tenants apart: they take <see cref="RcaTenant"/> from their services and read and write
    /// nothing of another. Without it, a host with tenants and such stores does not start.
    /// </summary>
    public bool OwnStoresKeepTenantsApart { get; set; }

    internal bool IsOn => !string.IsNullOrWhiteSpace(Names);

    internal IReadOnlyList<string> List =>
        (Names ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(static name => name != Any).Distinct(StringComparer.Ordinal).ToArray();

    internal bool AllowsAny => (Names ?? "").Split(',', StringSplitOptions.TrimEntries).Contains(Any);
}
