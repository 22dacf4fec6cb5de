using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Incidents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Bundles;

internal static class BundlesEndpoints
{
    private const string Pem = "application/x-pem-file";

    public static void MapBundles(this IEndpointRouteBuilder api, AgentOpsRcaHttpOptions options)
    {
        var group = api.MapGroup("/bundles").WithTags("bundles");
        group.MapPost("", ExportAsync)
            .WithName("rca_export_bundle")
            .WithSummary("Exports an incident as a signed bundle: a zip, or base64 in JSON.")
            .WithMetadata(new BodyLimit(options.MaxJsonBodyBytes))
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Zip, additionalContentTypes: MediaTypes.Json)
            .Fails(400, 404, 413, 415, 422, 503);
        group.MapGet("/public-key", GetPublicKeyAsync)
            .WithName("rca_get_public_key")
            .WithSummary("The public key that bundles of this host are verified with, as PEM.")
            .Produces(StatusCodes.Status200OK, contentType: Pem)
            .Fails(503);
        group.OnlyMethods("", "POST");
        group.OnlyMethods("/public-key", "GET");
    }

    private static async Task<Results<BundleAnswer, Problem>> ExportAsync(
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

    private static async Task<ContentHttpResult> GetPublicKeyAsync(ISigningKeyProvider keys, CancellationToken cancellationToken) =>
        TypedResults.Text((await keys.GetSigningKeyAsync(cancellationToken)).Public.Pem, Pem);
}
