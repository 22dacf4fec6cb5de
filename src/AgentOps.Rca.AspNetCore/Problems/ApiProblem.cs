using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Problems;

/// <summary>
/// The one form in which requests fail: RFC 9457. Places in <c>errors</c> are JSON pointers for bodies (empty for the whole body), and
/// plain names for query parameters, headers and parts of the path.
/// </summary>
internal sealed class ApiProblem(ProblemKind kind, string detail) : IResult
{
    private const int MostOfAnId = 64;
    private const string Challenge = "Bearer";

    private List<(string Place, string Message)> _errors = [];

    public ProblemKind Kind => kind;

    /// <summary>What is wrong, in a sentence.</summary>
    public string Detail => detail;

    /// <summary>When trying again makes sense.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What was wrong with the credentials that were sent, in the word of RFC 6750; null where none were sent.</summary>
    public string? CredentialsError { get; init; }

    /// <summary>The methods there are, for 405.</summary>
    public string? Allow { get; init; }

    /// <summary>Members beside those of the RFC.</summary>
    public Action<Utf8JsonWriter>? Extensions { get; init; }

    public static ApiProblem At(ProblemKind kind, string place, string message, Action<Utf8JsonWriter>? extensions = null) =>
        new(kind, message) { _errors = [(place, message)], Extensions = extensions };

    public static ApiProblem Of(ProblemKind kind, List<(string Place, string Message)> errors) => new(
        kind,
        errors.Count == 1 ? errors[0].Message : string.Create(CultureInfo.InvariantCulture, $"There are {errors.Count} mistakes; see errors."))
    {
        _errors = errors,
    };

    /// <summary>That an incident is not there whose id has no form that one could have.</summary>
    public static string NoSuchIncident(string id) =>
        $"There is no incident '{(id.Length > MostOfAnId ? $"{id[..MostOfAnId]}…" : id)}': the ids of incidents here are UUIDs such as 0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111.";

    public static ApiProblem IncidentNotFound(Guid id) => At(ProblemKind.NotFound, "id", $"There is no incident {id:D}.");

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
            SayChallenge(response.Headers);
        }

        if (Allow is not null)
        {
            response.Headers[HeaderNames.Allow] = Allow;
        }

        var body = ToUtf8(TraceIdOf(httpContext));
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            response.ContentLength = body.Length;
        }
        else if (!await TryWriteAsHostDoesAsync(httpContext, body).ConfigureAwait(false))
        {
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, httpContext.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Says how to authenticate, unless another scheme has said as much of bearer tokens already; that stays.</summary>
    public void SayChallenge(IHeaderDictionary headers)
    {
        if (!headers.WWWAuthenticate.Any(challenge =>
            challenge?.StartsWith(Challenge, StringComparison.OrdinalIgnoreCase) == true && (CredentialsError is null || challenge.Length > Challenge.Length)))
        {
            headers.Append(HeaderNames.WWWAuthenticate, CredentialsError is null ? Challenge : $"{Challenge} error=\"{CredentialsError}\"");
        }
    }

    // A host that has its own way with problems (AddProblemDetails) gets ours, too: with its trace id and what else it adds.
    private static async ValueTask<bool> TryWriteAsHostDoesAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        if (context.RequestServices?.GetService<IProblemDetailsService>() is not { } host)
        {
            return false;
        }

        var problem = new ProblemDetails();
        foreach (var member in JsonElement.Parse(body.Span).EnumerateObject())
        {
            switch (member.Name)
            {
                case "type":
                    problem.Type = member.Value.GetString();
                    break;
                case "title":
                    problem.Title = member.Value.GetString();
                    break;
                case "status":
                    problem.Status = member.Value.GetInt32();
                    break;
                case "detail":
                    problem.Detail = member.Value.GetString();
                    break;
                default:
                    problem.Extensions[member.Name] = member.Value;
                    break;
            }
        }

        return await host.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem }).ConfigureAwait(false);
    }

    /// <summary>The problem as JSON.</summary>
    /// <param name="traceId">What the request is found by in logs and traces; null leaves it out.</param>
    public byte[] ToUtf8(string? traceId = null)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, traceId);
        }

        return buffer.WrittenSpan.ToArray();
    }

    // As the framework names it and finds it.
    private static string TraceIdOf(HttpContext context) => Activity.Current?.Id ?? context.TraceIdentifier;

    private void Write(Utf8JsonWriter json, string? traceId)
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
        if (traceId is not null)
        {
            json.WriteString("traceId", traceId);
        }

        json.WriteEndObject();
    }
}
