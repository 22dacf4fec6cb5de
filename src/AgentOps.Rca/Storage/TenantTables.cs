using AgentOps.Rca.Identity;
using AgentOps.Rca.Storage.Supabase.Postgres;

namespace AgentOps.Rca.Storage;

/// <summary>The tables of tenants, for databases that no host may alter.</summary>
public static class TenantTables
{
    /// <summary>
    /// The SQL that makes a tenant's tables in a schema of its own: for a database behind a pooler in transaction mode, or behind a Data API, which must show that
    /// schema too. It may run again, and has to when a new version of this library has new tables. Elsewhere the host makes them itself.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    public static string ToPostgres(RcaTenant tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var schema = SupabaseSchema.Of(tenant);
        return $"{schema.Creation};\n\n{string.Join('\n', SupabaseMigrations.All.Select(migration => schema.In(SupabaseMigrations.Read(migration))))}";
    }
}
