using AgentOps.Rca.Storage.Contents;

namespace AgentOps.Rca.Testing;

/// <summary>Tells which of our stores are tested against servers.</summary>
public static class ServerStores
{
    // Small contents in a database over files: the suites of the embedded database test it.
    /// <summary>Whether a store needs real servers, so that its suites are in the project of the Supabase tests.</summary>
    /// <param name="store">The store's type.</param>
    public static bool NeedsServers(Type store) => store?.Namespace is "AgentOps.Rca.Storage.Supabase.Postgres"
        or "AgentOps.Rca.Storage.Supabase.DataApi" or "AgentOps.Rca.Storage.Contents" or "AgentOps.Rca.Storage.Supabase.Bucket"
        && store != typeof(LayeredContentStore);
}
