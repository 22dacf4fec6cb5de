using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;

namespace AgentOps.Rca.AspNetCore.Tests.OpenApi;

/// <summary>
/// Holds every answer that a test gets against the description of the API: its status, its media type, and its body by the schema. An answer that is
/// described otherwise, or not at all, fails the test that got it.
/// </summary>
internal sealed class DescribedAnswers : DelegatingHandler
{
    private readonly Uri _address;
    private readonly string _prefix;
    private Task<ApiDescription>? _description;

    /// <summary>Checks the answers of a host.</summary>
    /// <param name="inner">Sends the requests.</param>
    /// <param name="address">Where the host listens.</param>
    /// <param name="prefix">What stands before every path of the API.</param>
    public DescribedAnswers(HttpMessageHandler inner, Uri address, string prefix)
        : base(inner)
    {
        _address = address;
        _prefix = prefix.TrimEnd('/');
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var description = await (_description ??= ReadAsync());
        var path = new Uri(_address, request.RequestUri!).AbsolutePath;
        if (!path.StartsWith(_prefix, StringComparison.Ordinal) || description.Find(request.Method, path[_prefix.Length..]) is not { } operation)
        {
            return response;
        }

        var where = $"{request.Method} {path} → {(int)response.StatusCode}";
        var answer = operation.AnswerOf((int)response.StatusCode)
            ?? throw new InvalidOperationException($"{where} is not described; described are {string.Join(", ", operation.Statuses)}.");
        if (request.Method == HttpMethod.Head || response.StatusCode == HttpStatusCode.NotModified || response.Content.Headers.ContentType?.MediaType is not { } media)
        {
            return response;
        }

        if (!answer.TryGetSchema(media, out var schema))
        {
            throw new InvalidOperationException($"{where} is {media}, which is not described; described are {string.Join(", ", answer.MediaTypes)}.");
        }

        if (schema is { } described && (media is "application/json" or "application/problem+json"))
        {
            response.Content = new CheckedContent(response.Content, body => description.Check(where, described, body));
        }

        return response;
    }

    private async Task<ApiDescription> ReadAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_address, $"{_prefix}/openapi/v1.json"));
        using var response = await base.SendAsync(request, CancellationToken.None);
        return ApiDescription.Of(await response.Content.ReadAsStringAsync(CancellationToken.None));
    }

    /// <summary>Checks a body when all of it has been read; a body that is read as a stream is the test's own affair.</summary>
    private sealed class CheckedContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly Action<byte[]> _check;

        public CheckedContent(HttpContent inner, Action<byte[]> check)
        {
            (_inner, _check) = (inner, check);
            foreach (var header in inner.Headers)
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var body = await _inner.ReadAsByteArrayAsync(cancellationToken);
            _check(body);
            await stream.WriteAsync(body, cancellationToken);
        }

        protected override Task<Stream> CreateContentReadStreamAsync() => _inner.ReadAsStreamAsync();

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? 0;
            return _inner.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

/// <summary>The description of the API, to look answers up in.</summary>
internal sealed class ApiDescription
{
    // One for all hosts of a spelling: their descriptions are the same.
    private static readonly ConcurrentDictionary<string, Lazy<ApiDescription>> Known = new(StringComparer.Ordinal);

    private readonly JsonElement _api;
    private readonly List<(Regex Path, int Parameters, JsonElement Operations)> _paths;
    private readonly Dictionary<string, JsonSchema> _schemas = new(StringComparer.Ordinal);

    private ApiDescription(JsonElement api)
    {
        _api = api;
        _paths =
        [
            .. from path in api.GetProperty("paths").EnumerateObject()
               let pattern = Regex.Replace(Regex.Escape(path.Name), @"\\\{[^}]+}", "[^/]+")
               orderby path.Name.Count(static letter => letter == '{')
               select (new Regex($"^{pattern}/?$", RegexOptions.IgnoreCase), path.Name.Count(static letter => letter == '{'), path.Value),
        ];
    }

    /// <summary>The description in a document.</summary>
    public static ApiDescription Of(string document) =>
        Known.GetOrAdd(document, static text => new Lazy<ApiDescription>(() => new ApiDescription(JsonElement.Parse(text)))).Value;

    /// <summary>The operation of a path that is described; null for another path or method, of which routing tells.</summary>
    public Operation? Find(HttpMethod method, string path) =>
        _paths.FirstOrDefault(known => known.Path.IsMatch(path)).Operations is { ValueKind: JsonValueKind.Object } operations
        && operations.TryGetProperty(method.Method.ToLower(CultureInfo.InvariantCulture), out var operation)
            ? new Operation(_api, operation.GetProperty("responses"))
            : null;

    /// <summary>Holds a body against a schema.</summary>
    public void Check(string where, JsonElement schema, byte[] body)
    {
        var text = schema.GetRawText();
        JsonSchema? compiled;
        lock (_schemas)
        {
            if (!_schemas.TryGetValue(text, out compiled))
            {
                _schemas[text] = compiled = JsonSchema.FromText(
                    $$"""{"$schema":"https://json-schema.org/draft/2020-12/schema","$defs":{{Definitions(text)}},"allOf":[{{text}}]}"""
                        .Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
            }
        }

        var result = compiled.Evaluate(JsonElement.Parse(body), new EvaluationOptions { OutputFormat = OutputFormat.List });
        if (!result.IsValid)
        {
            var mistakes = (result.Details ?? []).Where(static detail => detail.Errors is { Count: > 0 })
                .Select(static detail => $"{detail.InstanceLocation}: {string.Join(' ', detail.Errors!.Values)}");
            throw new InvalidOperationException($"{where} is not what is described: {string.Join("; ", mistakes.Take(5))}");
        }
    }

    // Those that the schema leads to, and no others.
    private string Definitions(string schema)
    {
        var all = _api.GetProperty("components").GetProperty("schemas");
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var open = new Queue<string>([schema]);
        while (open.TryDequeue(out var text))
        {
            foreach (var name in Regex.Matches(text, "#/components/schemas/([A-Za-z0-9]+)").Select(static match => match.Groups[1].Value))
            {
                if (!found.ContainsKey(name))
                {
                    found[name] = all.GetProperty(name).GetRawText();
                    open.Enqueue(found[name]);
                }
            }
        }

        return $"{{{string.Join(',', found.Select(static pair => $"\"{pair.Key}\":{pair.Value}"))}}}";
    }

    /// <summary>What an operation may answer.</summary>
    internal sealed class Operation(JsonElement api, JsonElement responses)
    {
        public IEnumerable<string> Statuses => responses.EnumerateObject().Select(static response => response.Name);

        public Answer? AnswerOf(int status)
        {
            if (!responses.TryGetProperty(status.ToString(CultureInfo.InvariantCulture), out var response))
            {
                return null;
            }

            return new Answer(response.TryGetProperty("$ref", out var reference)
                ? api.GetProperty("components").GetProperty("responses").GetProperty(reference.GetString()!.Split('/')[^1])
                : response);
        }
    }

    /// <summary>One answer.</summary>
    internal sealed class Answer(JsonElement response)
    {
        public IEnumerable<string> MediaTypes =>
            response.TryGetProperty("content", out var content) ? content.EnumerateObject().Select(static media => media.Name) : [];

        public bool TryGetSchema(string media, out JsonElement? schema)
        {
            schema = null;
            if (!response.TryGetProperty("content", out var content)
                || !(content.TryGetProperty(media, out var described) || content.TryGetProperty("*/*", out described)))
            {
                return false;
            }

            schema = described.TryGetProperty("schema", out var found) ? found : null;
            return true;
        }
    }
}
