using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.Json;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>Reads a JSON object out of a request, or says what is wrong with it.</summary>
internal static class JsonBody
{
    /// <summary>How often a body is in memory while it is worked on: as it came, as it is parsed, and as a record.</summary>
    public const int TimesInMemory = 4;

    private static readonly ApiProblem TooMuch =
        new(ProblemKind.Busy, "The bodies that are being received and worked on take as much memory as this host gives them; send it again later.") { RetryAfter = MemoryBudget.RetryAfter };

    private const string PlaceMarker = " LineNumber: ";

    /// <summary>Reads the body; exactly one of the two answers is null.</summary>
    /// <param name="request">The request; the endpoint's limit bounds its body.</param>
    /// <param name="optional">Whether no body at all stands for an object without members.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async ValueTask<(BodyMembers? Body, ApiProblem? Problem)> ReadAsync(
        HttpRequest request, bool optional, CancellationToken cancellationToken)
    {
        if (optional && (request.ContentLength == 0 || (request.ContentLength is null && request.ContentType is null)))
        {
            return (new BodyMembers(JsonRules.EmptyObject), null);
        }

        if (MediaTypes.Refuse(request) is { } refused)
        {
            return (null, refused);
        }

        var share = request.HttpContext.ShareMemory();
        if (!share.TryGrowTo((request.ContentLength ?? 0) * TimesInMemory)
            || await ReadToEndAsync(request, share, cancellationToken).ConfigureAwait(false) is not { } read)
        {
            return (null, TooMuch);
        }

        var problem = Parse(read, out var body);
        return problem is null ? (new BodyMembers(body), null) : (null, problem);
    }

    private static async ValueTask<byte[]?> ReadToEndAsync(HttpRequest request, MemoryBudget.Share share, CancellationToken cancellationToken)
    {
        using var buffer = new BodyBuffer(request.ContentLength);
        while (true)
        {
            var result = await request.BodyReader.ReadAsync(cancellationToken).ConfigureAwait(false);
            foreach (var part in result.Buffer)
            {
                buffer.Write(part.Span);
            }

            request.BodyReader.AdvanceTo(result.Buffer.End);
            if (!share.TryGrowTo(buffer.Length * TimesInMemory))
            {
                return null;
            }

            if (result.IsCompleted)
            {
                return buffer.ToArray();
            }
        }
    }

    private static ApiProblem? Parse(byte[] utf8, out JsonElement body)
    {
        body = default;
        var kept = utf8.AsMemory(utf8.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0);
        var bytes = kept.Span;
        if (!Utf8.IsValid(bytes))
        {
            return ApiProblem.At(ProblemKind.MalformedBody, "", "The body is not valid UTF-8.");
        }

        try
        {
            body = JsonRules.ParseKept(kept, new JsonDocumentOptions { MaxDepth = JsonRules.MaxDepth });
        }
        catch (JsonException exception)
        {
            return ApiProblem.At(ProblemKind.MalformedBody, "", Explain(exception));
        }

        return body.ValueKind != JsonValueKind.Object
            ? ApiProblem.At(ProblemKind.MalformedBody, "", "The body must be a JSON object.")
            : JsonRules.FindProblem(body) is { } problem ? ApiProblem.At(ProblemKind.Invalid, problem.Pointer, problem.Message) : null;
    }

    private static string Explain(JsonException exception)
    {
        var place = exception.Message.IndexOf(PlaceMarker, StringComparison.Ordinal);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: {(place < 0 ? exception.Message : exception.Message[..place])}");
    }
}
