using System.Text.RegularExpressions;

namespace AgentOps.Rca.Identity;

/// <summary>
/// A tenant: who shares a host with others and sees nothing of them. It has stores of its own and services of its own, among which this is; in the host's own
/// services there is none.
/// </summary>
public sealed partial record RcaTenant
{
    internal const string Rule = "1 to 40 lowercase letters, digits and hyphens, which begin and end with a letter or digit";

    private const string Directories = "tenants";

    /// <summary>Makes a tenant.</summary>
    /// <param name="name">1 to 40 lowercase letters, digits and hyphens, which begin and end with a letter or digit.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public RcaTenant(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = IsName(name) ? name : throw new ArgumentException($"A tenant's name has {Rule}.", nameof(name));
    }

    /// <summary>Its name: directories, schemas and buckets are called by it.</summary>
    public string Name { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static bool IsName(string name) => Pattern().IsMatch(name) && !Device().IsMatch(name);

    /// <summary>A tenant's directory below one of the host's; no tenant is the host itself.</summary>
    internal static string DirectoryIn(string directory, RcaTenant? tenant) =>
        tenant is null ? directory : Path.Combine(directory, Directories, tenant.Name);

    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\z")]
    private static partial Regex Pattern();

    // Directories of these names cannot be made on every system.
    [GeneratedRegex(@"^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])\z")]
    private static partial Regex Device();
}
