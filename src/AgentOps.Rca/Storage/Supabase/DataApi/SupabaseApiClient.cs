using System.Net;
using System.Text.Json;
using AgentOps.Rca.Storage.Faults;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Polly.Timeout;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>
/// The client of the Data API (PostgREST). Repeats are the business of the handler below it. A body goes with its request; rows are the
/// caller's to dispose.
/// </summary>
internal sealed class SupabaseApiClient
{
    /// <summary>Marks a request that must not happen twice.</summary>
    public static readonly HttpRequestOptionsKey<bool> Once = new("once");

    /// <summary>
    /// Reads the body of a reply that is no error. The handler calls it inside of the retries, where a reply that is cut off in the middle
    /// is a failed attempt too.
    /// </summary>
    public static readonly HttpRequestOptionsKey<Func<Stream, CancellationToken, Task>> Read = new("read");

    // Rows that others wrote may nest deeper than anything that is written here; whoever reads a row sees to that.
    private static readonly JsonDocumentOptions RowOptions = new() { MaxDepth = 10_000 };

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
    public string Address => _options.Url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>Reads rows.</summary>
    /// <param name="pathAndQuery">The table and the filters, escaped.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<JsonDocument> GetAsync(string pathAndQuery, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, pathAndQuery, body: null, prefer: null, once: false, cancellationToken);

    /// <summary>Reads the row of a chunk of content, and its bytes into <paramref name="into"/>.</summary>
    public Task<ChunkReply> GetChunkAsync(string pathAndQuery, Memory<byte> into, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get,
        pathAndQuery,
        body: null,
        prefer: null,
        once: false,
        async (stream, token) => await ChunkReply.ReadAsync(stream, into, token).ConfigureAwait(false),
        cancellationToken);

    /// <summary>Inserts rows unless their key is taken, and yields <c>select</c> of those that were inserted.</summary>
    public Task<JsonDocument> InsertAsync(string pathAndQuery, HttpContent body, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, pathAndQuery, body, "resolution=ignore-duplicates,return=representation", once: false, cancellationToken);

    /// <summary>Inserts rows unless their key is taken.</summary>
    public Task AddAsync(string pathAndQuery, HttpContent body, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, pathAndQuery, body, "resolution=ignore-duplicates,return=minimal", once: false, static (_, _) => Task.FromResult(true), cancellationToken);

    /// <summary>Whether the key may call the functions of the migrations; others than trusted ones may not.</summary>
    public bool MayCallFunctions => _options.IsTrusted;

    /// <summary>Calls a function that changes nothing and yields its rows.</summary>
    public Task<JsonDocument> CallAsync(string pathAndQuery, HttpContent body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, pathAndQuery, body, prefer: null, once: false, cancellationToken);

    /// <summary>Changes rows and yields <c>select</c> of those that were changed.</summary>
    public Task<JsonDocument> UpdateAsync(string pathAndQuery, HttpContent body, bool once, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, pathAndQuery, body, "return=representation", once, cancellationToken);

    /// <summary>Deletes rows and yields <c>select</c> of those that were deleted.</summary>
    public Task<JsonDocument> TakeAsync(string pathAndQuery, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, pathAndQuery, body: null, "return=representation", once: false, cancellationToken);

    /// <summary>Deletes rows.</summary>
    public Task DeleteAsync(string pathAndQuery, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Delete, pathAndQuery, body: null, "return=minimal", once: false, static (_, _) => Task.FromResult(true), cancellationToken);

    private Task<JsonDocument> SendAsync(
        HttpMethod method, string pathAndQuery, HttpContent? body, string? prefer, bool once, CancellationToken cancellationToken) =>
        SendAsync(
            method, pathAndQuery, body, prefer, once, static (stream, token) => JsonDocument.ParseAsync(stream, RowOptions, token), cancellationToken);

    private async Task<T> SendAsync<T>(
        HttpMethod method,
        string pathAndQuery,
        HttpContent? body,
        string? prefer,
        bool once,
        Func<Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_root, pathAndQuery));
        _options.Authorize(request);
        if (_options.Schema != SupabaseSchema.Public)
        {
            // The one counts for reads, the other for the rest.
            request.Headers.Add("Accept-Profile", _options.Schema.Name);
            request.Headers.Add("Content-Profile", _options.Schema.Name);
        }

        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        request.Content = body;
        request.Options.Set(Once, once);
        T result = default!;
        request.Options.Set(Read, async (stream, token) => result = await read(stream, token).ConfigureAwait(false));
        try
        {
            using var reply = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return reply.IsSuccessStatusCode
                ? result
                : throw SupabaseApiError.Read(reply.StatusCode, await reply.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (SupabaseApiException exception) when (Explain(exception) is { } sentence)
        {
            throw new StoreUnavailableException(sentence, exception) { RetryAfter = _options.Retry.RetryAfter };
        }
        catch (Exception exception) when (exception is TimeoutRejectedException or HttpRequestException or IOException
            or JsonException or InvalidDataException)
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
