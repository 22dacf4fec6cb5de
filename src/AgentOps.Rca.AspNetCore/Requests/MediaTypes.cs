using AgentOps.Rca.AspNetCore.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>Which kinds of body are taken.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string NdJson = "application/x-ndjson";
    public const string Zip = "application/zip";
    public const string EventStream = "text/event-stream";
    public const string Markdown = "text/markdown";
    public const string Html = "text/html";

    public static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));

    public static bool IsLines(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Value?.ToLowerInvariant() is "application/x-ndjson" or "application/ndjson" or "application/jsonl"
            or "application/x-jsonlines" or "application/jsonlines";

    public static bool IsZip(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Value?.ToLowerInvariant() is Zip or "application/x-zip-compressed" or "application/octet-stream";

    /// <summary>Why a body of text in JSON is not taken, or null.</summary>
    public static ApiProblem? Refuse(HttpRequest request, bool takesLines = false)
    {
        if (!IsJson(request) && !(takesLines && IsLines(request)))
        {
            return ApiProblem.At(
                ProblemKind.UnsupportedMediaType,
                HeaderNames.ContentType,
                takesLines ? $"The body must be {Json} or {NdJson}." : $"The body must be {Json}.");
        }

        return RefuseEncoding(request)
            ?? (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset.HasValue
                && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
                && !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)
                    ? ApiProblem.At(ProblemKind.UnsupportedMediaType, HeaderNames.ContentType, "JSON must be in UTF-8.")
                    : null);
    }

    /// <summary>Why a compressed body is not taken, or null when it is not compressed.</summary>
    public static ApiProblem? RefuseEncoding(HttpRequest request) =>
        request.Headers.ContentEncoding.Any(value => !string.IsNullOrEmpty(value) && !value.Equals("identity", StringComparison.OrdinalIgnoreCase))
            ? ApiProblem.At(ProblemKind.UnsupportedMediaType, HeaderNames.ContentEncoding, "The body must not be compressed.")
            : null;

    /// <summary>Whether the caller accepts every media type alike, and says no more than that.</summary>
    public static bool AsksForAnything(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted is [{ MatchesAllTypes: true, Quality: null or > 0 }];

    /// <summary>Whether the caller asks for this media type by name.</summary>
    public static bool Asks(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase) && type.Quality is null or > 0);
}
