using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AgentOps.Rca.Storage.Faults;
using AgentOps.Rca.Storage.Supabase;
using Polly.Timeout;

namespace AgentOps.Rca.Storage.SupabaseApi;

/// <summary>The client of the Data API (PostgREST). Repeats are the business of the handler below it.</summary>
internal sealed class SupabaseApiClient
{
    /// <summary>Marks a request that must not happen twice.</summary>
    public static readonly HttpRequestOptionsKey<bool> Once = new("once");

    private readonly HttpClient _client;
    private readonly SupabaseApiOptions _options;
    private readonly Uri _root;

    public SupabaseApiClient(HttpClient client, SupabaseApiOptions options)
    {
        _client = client;
        _options = options;
        _root = new Uri(options.Url.AbsoluteUri.TrimEnd('/') + "/rest/v1/");
    }

    /// <summary>The address without a secret.</summary>
    public string Address => _options.Url.GetLeftPart(UriPartial.Authority);

    /// <summary>Reads rows.</summary>
    /// <param name="pathAndQuery">The table and the filters, escaped.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<JsonElement> GetAsync(string pathAndQuery, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, pathAndQuery, body: null, prefer: null, once: false, cancellationToken);

    /// <summary>Inserts rows unless their key is taken, and yields <c>select</c> of those that were inserted.</summary>
    public Task<JsonElement> InsertAsync(string pathAndQuery, byte[] body, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, pathAndQuery, body, "resolution=ignore-duplicates,return=representation", once: false, cancellationToken);

    /// <summary>Whether the key may call the functions of the migrations; others than trusted ones may not.</summary>
    public bool MayCallFunctions => _options.IsTrusted;

    /// <summary>Calls a function that changes nothing and yields its rows.</summary>
    public Task<JsonElement> CallAsync(string pathAndQuery, byte[] body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, pathAndQuery, body, prefer: null, once: false, cancellationToken);

    /// <summary>Changes rows and yields <c>select</c> of those that were changed.</summary>
    public Task<JsonElement> UpdateAsync(string pathAndQuery, byte[] body, bool once, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, pathAndQuery, body, "return=representation", once, cancellationToken);

    /// <summary>Deletes rows and yields <c>select</c> of those that were deleted.</summary>
    public Task<JsonElement> TakeAsync(string pathAndQuery, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, pathAndQuery, body: null, "return=representation", once: false, cancellationToken);

    /// <summary>Deletes rows.</summary>
    public Task DeleteAsync(string pathAndQuery, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, pathAndQuery, body: null, "return=minimal", once: false, cancellationToken);

    private async Task<JsonElement> SendAsync(
        HttpMethod method, string pathAndQuery, byte[]? body, string? prefer, bool once, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_root, pathAndQuery));
        _options.Authorize(request);
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        request.Options.Set(Once, once);
        try
        {
            using var reply = await _client.SendAsync(request, cancellationToken);
            var bytes = await reply.Content.ReadAsByteArrayAsync(cancellationToken);
            return reply.IsSuccessStatusCode
                ? bytes.Length == 0 ? default : JsonElement.Parse(bytes)
                : throw SupabaseApiError.Read(reply.StatusCode, bytes);
        }
        catch (SupabaseApiException exception) when (Explain(exception) is { } sentence)
        {
            throw new StoreUnavailableException(sentence, exception) { RetryAfter = _options.Retry.RetryAfter };
        }
        catch (Exception exception) when (exception is TimeoutRejectedException or HttpRequestException or IOException or JsonException)
        {
            throw new StoreUnavailableException(
                $"The Data API at {Address} cannot be reached or did not answer in time: {exception.Message}", exception)
            {
                RetryAfter = _options.Retry.RetryAfter,
            };
        }
    }

    private string? Explain(SupabaseApiException exception) => (exception.Status, exception.Code) switch
    {
        // A write to a table that it does not know is answered with 404 and an empty object.
        (_, "42P01" or "PGRST205" or "PGRST202" or "42703" or "PGRST204") or (HttpStatusCode.NotFound, null) =>
            $"The Data API at {Address} does not know a table or column ({exception.Message}). {SupabaseMigrations.HowToRun}",
        (_, "42501") =>
            $"The key for {Address} may not do this ({exception.Message}). Row level security is on: use the service_role key or an sb_secret_ key.",
        (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) =>
            $"The Data API at {Address} refused the key ({exception.Message}). Take SUPABASE_KEY from the project's settings, under API keys.",
        _ when HttpFaults.Classify(exception.Status, exception.Code) != StoreFault.Permanent =>
            $"The Data API at {Address} does not serve now: {exception.Message} ({(int)exception.Status} {exception.Code}).",
        _ => null,
    };
}
