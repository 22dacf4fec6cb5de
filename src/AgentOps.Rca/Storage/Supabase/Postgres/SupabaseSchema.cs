using AgentOps.Rca.Identity;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>
/// The schema that the tables and functions stand in. All statements are written for <c>public</c>; those of a tenant name its schema in its place, each time,
/// since a pooler in transaction mode keeps no search path.
/// </summary>
internal sealed record SupabaseSchema
{
    public static readonly SupabaseSchema Public = new("public");

    private const string Prefix = "agentops_";

    private SupabaseSchema(string name) => Name = name;

    /// <summary>Its name, which never needs quotes.</summary>
    public string Name { get; }

    /// <summary>What stands behind an address.</summary>
    public string Note => this == Public ? "" : $", schema {Name}";

    /// <summary>The statement that makes it, or null when it is always there.</summary>
    public string? Creation => this == Public ? null : $"create schema if not exists {Name}";

    /// <summary>The schema of a tenant; no two tenants have one.</summary>
    public static SupabaseSchema Of(RcaTenant? tenant) => tenant is null ? Public : new SupabaseSchema(Prefix + tenant.Name.Replace('-', '_'));

    /// <summary>The statement for this schema. Values are parameters, so that what is replaced is ours.</summary>
    public string In(string sql) => this == Public ? sql : sql
        .Replace("public.", $"{Name}.", StringComparison.Ordinal)
        .Replace("'public'", $"'{Name}'", StringComparison.Ordinal)
        .Replace("schema public ", $"schema {Name} ", StringComparison.Ordinal);
}
