namespace AgentOps.Rca.Testing;

/// <summary>Tells which of our stores are tested against servers.</summary>
public static class ServerStores
{
    /// <summary>Whether a store needs real servers, so that its suites are in the project of the Supabase tests.</summary>
    /// <param name="store">The store's type.</param>
    public static bool NeedsServers(Type store) => store?.Namespace is "AgentOps.Rca.Storage.Supabase.Postgres"
        or "AgentOps.Rca.Storage.Supabase.DataApi" or "AgentOps.Rca.Storage.Contents" or "AgentOps.Rca.Storage.Supabase.Bucket";
}
