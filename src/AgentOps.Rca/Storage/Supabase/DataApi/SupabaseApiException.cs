using System.Net;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>An error reply of the Data API.</summary>
internal sealed class SupabaseApiException(HttpStatusCode status, string? code, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;

    public string? Code { get; } = code;
}

/// <summary>Reads error replies: <c>{code, message, details, hint}</c> from PostgREST, anything at all from what stands in front.</summary>
internal static class SupabaseApiError
{
    public static SupabaseApiException Read(HttpStatusCode status, ReadOnlyMemory<byte> body)
    {
        try
        {
            var error = JsonElement.Parse(body.Span);
            if (error.ValueKind == JsonValueKind.Object)
            {
                return new SupabaseApiException(status, error.TextOf("code"), error.TextOf("message") ?? $"HTTP {(int)status}");
            }
        }
        catch (JsonException)
        {
        }

        return new SupabaseApiException(status, code: null, $"HTTP {(int)status}");
    }
}
