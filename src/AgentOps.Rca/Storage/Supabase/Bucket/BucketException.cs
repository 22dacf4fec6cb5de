using System.Globalization;
using System.Net;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Storage.Faults;

namespace AgentOps.Rca.Storage.Supabase.Bucket;

/// <summary>
/// An error reply of the Storage API. Most of them are HTTP 400, with the true status in the body's <c>statusCode</c>; it is read here
/// once, so that nobody else has to know.
/// </summary>
internal sealed class BucketException(HttpStatusCode status, string message) : Exception(message)
{
    private const HttpStatusCode DatabaseTimeout = (HttpStatusCode)544;

    /// <summary>The true status.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>Reads an error reply: <c>{statusCode, error, message}</c> from the Storage API, anything at all from what stands in front.</summary>
    /// <param name="status">The status of the reply.</param>
    /// <param name="body">Its body.</param>
    public static BucketException Read(HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        try
        {
            var error = JsonElement.Parse(body);
            if (error.ValueKind == JsonValueKind.Object)
            {
                var message = error.TextOf("message") ?? error.TextOf("error") ?? $"HTTP {(int)status}";
                return new BucketException(Status(error) ?? status, message);
            }
        }
        catch (JsonException)
        {
        }

        return new BucketException(status, $"HTTP {(int)status}");

        static HttpStatusCode? Status(JsonElement error) =>
            error.TryGetProperty("statusCode", out var code)
            && int.TryParse(code.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 400 and < 600
                ? (HttpStatusCode)number
                : null;
    }

    /// <summary>What a failure of a call means. Uploads name their key by the content, so any of them may be repeated.</summary>
    /// <param name="exception">The failure.</param>
    public static StoreFault Classify(Exception exception) => exception switch
    {
        BucketException { Status: HttpStatusCode.Locked } => StoreFault.NotDone,
        BucketException { Status: DatabaseTimeout } => StoreFault.Unknown,
        BucketException bucket => HttpFaults.Classify(bucket.Status, code: null),
        _ => NetworkFaults.Classify(exception) ?? StoreFault.Permanent,
    };
}
