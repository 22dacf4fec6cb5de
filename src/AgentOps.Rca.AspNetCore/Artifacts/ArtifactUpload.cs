using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Artifacts;

/// <summary>What <c>POST /artifacts</c> sends: content, its media type, and what is promised of it.</summary>
internal sealed record ArtifactUpload(Stream Content, string Mime, bool PiiMasked, ArtifactDigest? Expected)
{
    public static async ValueTask<(ArtifactUpload? Upload, ApiProblem? Problem)> ReadAsync(
        HttpRequest request, CancellationToken cancellationToken) =>
        IsJsonForm(request) ? await ReadJsonAsync(request, cancellationToken).ConfigureAwait(false)
        : ArtifactForm.IsMultipart(request) ? await ArtifactForm.ReadAsync(request, cancellationToken).ConfigureAwait(false)
        : ReadRaw(request);

    // Only the plain type means the JSON form; application/vnd.x+json is content.
    private static bool IsJsonForm(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(MediaTypes.Json, StringComparison.OrdinalIgnoreCase);

    private static async ValueTask<(ArtifactUpload? Upload, ApiProblem? Problem)> ReadJsonAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.Headers.ContainsKey(ReprDigest.FieldName))
        {
            return (null, ApiProblem.At(ProblemKind.InvalidParameter, ReprDigest.FieldName, "It is taken with raw bytes only, not with the JSON form."));
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = request.HttpContext.GetEndpoint()!.Metadata.GetRequiredMetadata<RequestLimits>().JsonBody;
        }

        var (body, problem) = await JsonBody.ReadAsync(request, optional: false, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return (null, problem);
        }

        var content = body.Base64("content", required: true);
        var mime = body.Text("mime", MediaTypeText.MaxLength);
        var piiMasked = body.Flag("pii_masked") ?? false;
        if (mime is not null && !MediaTypeText.IsValid(mime))
        {
            body.Fail("mime", "It must be a media type such as text/plain.");
        }

        return body.Problem is { } wrong
            ? (null, wrong)
            : (new ArtifactUpload(new MemoryStream(content!, writable: false), mime ?? MediaTypeText.Unknown, piiMasked, null), null);
    }

    private static (ArtifactUpload? Upload, ApiProblem? Problem) ReadRaw(HttpRequest request)
    {
        if (MediaTypes.RefuseEncoding(request) is { } encoded)
        {
            return (null, encoded);
        }

        var values = new QueryValues(request.Query);
        var piiMasked = values.Flag("pii_masked");
        var mime = values.Text("mime", MediaTypeText.MaxLength);
        if (mime is not null && !MediaTypeText.IsValid(mime))
        {
            values.Fail("mime", "It must be a media type such as text/plain.");
        }

        mime ??= request.ContentType;
        if (mime is not null && !MediaTypeText.IsValid(mime))
        {
            values.Fail(HeaderNames.ContentType, "It must be a media type such as text/plain.");
        }

        ArtifactDigest? expected = null;
        var announced = request.Headers[ReprDigest.FieldName];
        if (announced.Count > 0 && !ReprDigest.TryParse(announced.ToString(), out expected, out var reason))
        {
            values.Fail(ReprDigest.FieldName, reason);
        }

        return values.Problem is { } problem ? (null, problem) : (new ArtifactUpload(request.Body, mime ?? MediaTypeText.Unknown, piiMasked, expected), null);
    }
}
