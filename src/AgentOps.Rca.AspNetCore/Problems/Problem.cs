using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Problems;

/// <summary>
/// The one form in which requests fail: RFC 9457. Places in <c>errors</c> are JSON pointers for bodies (empty for the whole body), and
/// plain names for query parameters, headers and parts of the path.
/// </summary>
internal sealed class Problem(ProblemKind kind, string detail) : IResult
{
    private List<(string Place, string Message)> _errors = [];

    public ProblemKind Kind => kind;

    /// <summary>When trying again makes sense.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The methods there are, for 405.</summary>
    public string? Allow { get; init; }

    /// <summary>Members beside those of the RFC.</summary>
    public Action<Utf8JsonWriter>? Extensions { get; init; }

    public static Problem At(ProblemKind kind, string place, string message, Action<Utf8JsonWriter>? extensions = null) =>
        new(kind, message) { _errors = [(place, message)], Extensions = extensions };

    public static Problem Of(ProblemKind kind, List<(string Place, string Message)> errors) => new(
        kind,
        errors.Count == 1 ? errors[0].Message : string.Create(CultureInfo.InvariantCulture, $"There are {errors.Count} mistakes; see errors."))
    {
        _errors = errors,
    };

    public static Problem IncidentNotFound(Guid id) => At(ProblemKind.NotFound, "id", $"There is no incident {id:D}.");

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = kind.Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (kind == ProblemKind.Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (Allow is not null)
        {
            response.Headers[HeaderNames.Allow] = Allow;
        }

        var body = ToUtf8();
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }

    /// <summary>The problem as JSON.</summary>
    public byte[] ToUtf8()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", kind.Type);
        json.WriteString("title", kind.Title);
        json.WriteNumber("status", kind.Status);
        json.WriteString("detail", detail);
        if (_errors.Count > 0)
        {
            json.WriteStartObject("errors");
            foreach (var place in _errors.GroupBy(error => error.Place, StringComparer.Ordinal))
            {
                json.WriteStartArray(place.Key);
                foreach (var (_, message) in place)
                {
                    json.WriteStringValue(message);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        Extensions?.Invoke(json);
        json.WriteEndObject();
    }
}
