using System.Net.Http.Headers;
using AgentOps.Rca.Storage.Faults;
using AgentOps.Rca.Storage.Supabase.Postgres;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>What the Data API needs to know.</summary>
internal sealed record SupabaseApiOptions
{
    /// <summary>The address of the project, <c>https://&lt;ref&gt;.supabase.co</c>, without <c>/rest/v1</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>A secret, publishable, service_role or anon key.</summary>
    public required string Key { get; init; }

    /// <summary>Where the tables stand; a tenant has its own.</summary>
    public SupabaseSchema Schema { get; init; } = SupabaseSchema.Public;

    /// <summary>How long calls keep trying.</summary>
    public StoreRetryOptions Retry { get; init; } = new();

    /// <summary>Whether the key is of the new kind, which stands in the header <c>apikey</c> only; the older ones are tokens.</summary>
    public bool IsNewKey => Key.StartsWith("sb_", StringComparison.Ordinal);

    /// <summary>Whether the key says of itself that it passes by row level security. False when nobody can tell.</summary>
    public bool IsTrusted => Key.StartsWith("sb_secret_", StringComparison.Ordinal) || SupabaseKey.ReadRole(Key) == "service_role";

    /// <summary>Puts the key into a request: the older ones are tokens too, the new ones are not.</summary>
    /// <param name="request">The request.</param>
    public void Authorize(HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation("apikey", Key);
        if (!IsNewKey)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        }

        // Secret keys are refused when the caller looks like a browser.
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("AgentOps.Rca", "1.0"));
    }
}
