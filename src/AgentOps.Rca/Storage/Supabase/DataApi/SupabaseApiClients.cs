namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>Makes clients of the Data API that share one pool of connections.</summary>
internal sealed class SupabaseApiClients(IHttpClientFactory factory)
{
    /// <summary>The name of the HTTP client, under which a host may configure it.</summary>
    public const string Name = "agentops-rca-supabase";

    public SupabaseApiClient Create(SupabaseApiOptions options) => new(factory.CreateClient(Name), options);
}
