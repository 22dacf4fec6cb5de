using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Artifacts;

/// <summary>
/// The bytes of an artifact, with ranges and conditions as RFC 9110 has them. The digest is the entity tag, so a copy that a client
/// has is never out of date. The bytes belong to whoever uploaded them: they are sent as a download that no browser interprets.
/// </summary>
internal sealed class ArtifactContentAnswer(Artifact artifact, ArtifactVault artifacts) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        var tag = new EntityTagHeaderValue($"\"{artifact.Digest}\"");
        if (HasCopy(httpContext.Request, tag))
        {
            SetHeaders(response, tag);
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var read = await artifacts.OpenVerifiedAsync(artifact.Digest, httpContext.RequestAborted).ConfigureAwait(false);
        if (!read.IsIntact)
        {
            await ApiProblem.At(ProblemKind.ContentUnavailable, "digest", read.Fault.Message).ExecuteAsync(httpContext).ConfigureAwait(false);
            return;
        }

        var content = read.Content;
        await using var contentDisposal = content.ConfigureAwait(false);
        if (IsOutside(httpContext.Request, tag))
        {
            response.Headers.ContentRange = $"bytes */{artifact.Length}";
            await ApiProblem.At(ProblemKind.RangeNotSatisfiable, HeaderNames.Range, $"The content has {artifact.Length} bytes.").ExecuteAsync(httpContext).ConfigureAwait(false);
            return;
        }

        SetHeaders(response, tag);
        await TypedResults.Stream(content, MediaTypeText.OrUnknown(artifact.Mime), lastModified: null, entityTag: tag, enableRangeProcessing: true)
            .ExecuteAsync(httpContext).ConfigureAwait(false);
    }

    private void SetHeaders(HttpResponse response, EntityTagHeaderValue tag)
    {
        response.Headers.ETag = tag.ToString();
        response.Headers[ReprDigest.FieldName] = ReprDigest.Format(artifact.Digest);
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentDisposition = $"attachment; filename=\"{artifact.Digest}\"";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
    }

    private static bool HasCopy(HttpRequest request, EntityTagHeaderValue tag) =>
        request.GetTypedHeaders().IfNoneMatch is { Count: > 0 } known
        && known.Any(copy => copy.Equals(EntityTagHeaderValue.Any) || copy.Compare(tag, useStrongComparison: false));

    // The framework answers 416 without a body; asked first, it can be told why.
    private bool IsOutside(HttpRequest request, EntityTagHeaderValue tag)
    {
        var headers = request.GetTypedHeaders();
        if (headers.IfRange is { } condition && (condition.EntityTag is null || !condition.EntityTag.Compare(tag, useStrongComparison: true)))
        {
            return false;
        }

        return headers.Range is { Unit.Value: "bytes", Ranges.Count: 1 } range && range.Ranges.First() is var wanted
            && (wanted.From is { } from ? from >= artifact.Length : wanted.To is 0 || artifact.Length == 0);
    }
}
