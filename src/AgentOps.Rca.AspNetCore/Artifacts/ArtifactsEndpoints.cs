using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Redaction;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Artifacts;

internal static class ArtifactsEndpoints
{
    // A name of its own for each method: a description of the API has every name once.
    private static readonly string[] Head = [HttpMethods.Head];

    public static void MapArtifacts(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("/artifacts").WithTags("artifacts");
        group.MapPost("", CreateAsync)
            .WithName("rca_store_artifact")
            .WithSummary("Stores an artifact: base64 in JSON, or the raw bytes.")
            .WithMetadata(new BodyLimit(Math.Max(limits.Artifact, limits.JsonBody)))
            .Produces<ArtifactResponse>(StatusCodes.Status201Created)
            .Produces<ArtifactResponse>()
            .Fails(400, 413, 415, 422, 503);
        group.MapGet("/{digest}", GetAsync)
            .WithName("rca_get_artifact")
            .WithSummary("What is known of an artifact, and the beginning of its bytes.")
            .Produces<ArtifactDetailResponse>()
            .Fails(400, 404, 503);
        group.MapMethods("/{digest}", Head, GetAsync)
            .WithName("rca_head_artifact")
            .WithSummary("Whether an artifact is known.")
            .Produces(StatusCodes.Status200OK)
            .Fails(400, 404, 503);
        group.MapGet("/{digest}/content", GetContentAsync)
            .WithName("rca_get_artifact_content")
            .WithSummary("The verified bytes of an artifact.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream")
            .Produces(StatusCodes.Status206PartialContent, contentType: "application/octet-stream")
            .Produces(StatusCodes.Status304NotModified)
            .Fails(400, 404, 410, 416, 503);
        group.MapMethods("/{digest}/content", Head, GetContentAsync)
            .WithName("rca_head_artifact_content")
            .WithSummary("The headers of an artifact's bytes.")
            .Produces(StatusCodes.Status200OK)
            .Fails(400, 404, 410, 416, 503);
        group.OnlyMethods("", "POST");
        group.OnlyMethods("/{digest}", "GET, HEAD");
        group.OnlyMethods("/{digest}/content", "GET, HEAD");
    }

    private static async Task<Results<JsonHttpResult<ArtifactResponse>, ApiProblem>> CreateAsync(
        HttpContext context, ArtifactVault artifacts, CancellationToken cancellationToken)
    {
        var (upload, problem) = await ArtifactUpload.ReadAsync(context.Request, cancellationToken).ConfigureAwait(false);
        if (upload is null)
        {
            return problem!;
        }

        try
        {
            var write = await artifacts.PutAsync(upload.Content, upload.Mime, upload.PiiMasked, upload.Expected, cancellationToken).ConfigureAwait(false);
            var path = $"{context.Request.PathBase}{context.Request.Path.Value?.TrimEnd('/')}/{write.Artifact.Digest}";
            var answer = ArtifactResponse.Of(write.Artifact);
            var type = ArtifactsJsonContext.Default.ArtifactResponse;
            return write.Created ? JsonAnswer.Created(context, path, answer, type) : JsonAnswer.Ok(answer, type);
        }
        catch (ArtifactDigestMismatchException mismatch)
        {
            return ApiProblem.At(ProblemKind.DigestMismatch, ReprDigest.FieldName, mismatch.Message);
        }
    }

    private static async Task<Results<JsonHttpResult<ArtifactDetailResponse>, ApiProblem>> GetAsync(
        string digest, HttpContext context, ArtifactVault artifacts, CancellationToken cancellationToken)
    {
        if (ReadDigest(digest, out var id) is { } problem)
        {
            return problem;
        }

        var read = await artifacts.ReadPreviewAsync(id, cancellationToken).ConfigureAwait(false);
        return read.Artifact is { } artifact
            ? JsonAnswer.Ok(
                ArtifactDetailResponse.Of(artifact, read.IsIntact ? Preview(artifact, read.Content, HttpSettings.Of(context)) : null, read.Fault?.Message),
                ArtifactsJsonContext.Default.ArtifactDetailResponse)
            : NotFound(id);
    }

    /// <summary>The first bytes as they may be shown.</summary>
    internal static byte[] Preview(Artifact artifact, ReadOnlyMemory<byte> start, AgentOpsRcaHttpOptions options) =>
        options.MaskPreviews ? ShownText.Mask(start.ToArray(), artifact.Mime, artifact.PiiMasked) : start.ToArray();

    private static async Task<Results<ArtifactContentAnswer, ApiProblem>> GetContentAsync(
        string digest, HttpContext context, ArtifactVault artifacts, CancellationToken cancellationToken)
    {
        if (ReadDigest(digest, out var id) is { } problem)
        {
            return problem;
        }

        if (await artifacts.GetAsync(id, cancellationToken).ConfigureAwait(false) is not { } artifact)
        {
            return NotFound(id);
        }

        if (!artifact.PiiMasked && HttpMethods.IsGet(context.Request.Method))
        {
            await context.AuditAsync(AuditActions.UnmaskedRead, $"artifact/{id}").ConfigureAwait(false);
        }

        return new ArtifactContentAnswer(artifact, artifacts);
    }

    private static ApiProblem? ReadDigest(string text, out ArtifactDigest digest) =>
        ArtifactDigest.TryParse(text, out digest)
            ? null
            : ApiProblem.At(ProblemKind.NotFound, "digest", "There is no such artifact: a digest is the 64 hexadecimal digits of a SHA-256; 'sha256:' may stand before them.");

    private static ApiProblem NotFound(ArtifactDigest digest) => ApiProblem.At(ProblemKind.NotFound, "digest", $"There is no artifact {digest}.");
}
