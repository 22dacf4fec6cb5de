using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Incidents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Bundles;

internal static class BundlesEndpoints
{
    private const string Pem = "application/x-pem-file";

    public static void MapBundles(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("/bundles").WithTags("bundles");
        group.MapPost("", ExportAsync)
            .WithName("rca_export_bundle")
            .WithSummary("Exports an incident as a signed bundle: a zip, or base64 in JSON.")
            .WithMetadata(new BodyLimit(limits.JsonBody))
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Zip, additionalContentTypes: MediaTypes.Json)
            .Fails(400, 404, 413, 415, 422, 503);
        group.MapPost("/verify", VerifyAsync)
            .WithName("rca_verify_bundle")
            .WithSummary("Verifies a bundle against itself and the keys this host trusts.")
            .WithMetadata(new BodyLimit(limits.Bundle))
            .Produces<BundleVerification>()
            .Fails(400, 413, 415, 422, 503);
        group.MapGet("/public-key", GetPublicKeyAsync)
            .WithName("rca_get_public_key")
            .WithSummary("The public key that bundles of this host are verified with, as PEM.")
            .Produces(StatusCodes.Status200OK, contentType: Pem)
            .Fails(503);
        group.OnlyMethods("", "POST");
        group.OnlyMethods("/verify", "POST");
        group.OnlyMethods("/public-key", "GET");
    }

    private static async Task<Results<BundleAnswer, ApiProblem>> ExportAsync(
        HttpContext context, IIncidentStore incidents, BundleExporter exporter, CancellationToken cancellationToken)
    {
        var (incident, problem) = await IncidentBody.ReadAsync(context.Request, incidents, cancellationToken);
        if (incident is null)
        {
            return problem!;
        }

        var bundle = await exporter.PrepareAsync(incident.Id, options: null, cancellationToken)
            ?? throw new InvalidOperationException($"The incident {incident.Id:D} went away while it was exported.");
        var asJson = MediaTypes.Asks(context.Request, MediaTypes.Json) && !MediaTypes.Asks(context.Request, MediaTypes.Zip);
        return new BundleAnswer(bundle, asJson);
    }

    private static async Task<Results<JsonHttpResult<BundleVerification>, ApiProblem>> VerifyAsync(
        HttpRequest request, BundleVerifier verifier, CancellationToken cancellationToken)
    {
        if (!MediaTypes.IsZip(request))
        {
            return ApiProblem.At(ProblemKind.UnsupportedMediaType, HeaderNames.ContentType, $"The body must be {MediaTypes.Zip}.");
        }

        if (MediaTypes.RefuseEncoding(request) is { } encoded)
        {
            return encoded;
        }

        return await verifier.VerifyAsync(request.Body, cancellationToken) switch
        {
            BundleVerificationOutcome.Verified verified =>
                JsonAnswer.Ok(verified.Verification, BundlesJsonContext.Default.BundleVerification),
            BundleVerificationOutcome.NotABundle other => ApiProblem.At(ProblemKind.Invalid, "", other.Reason),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of a verification."),
        };
    }

    private static async Task<ContentHttpResult> GetPublicKeyAsync(ISigningKeyProvider keys, CancellationToken cancellationToken) =>
        TypedResults.Text((await keys.GetSigningKeyAsync(cancellationToken)).Public.Pem, Pem);
}
