using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.Bundles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Bundles;

internal static class BundlesEndpoints
{
    private const string Pem = "application/x-pem-file";

    public static void MapBundles(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/bundles").WithTags("bundles");
        group.MapGet("/public-key", GetPublicKeyAsync)
            .WithName("rca_get_public_key")
            .WithSummary("The public key that bundles of this host are verified with, as PEM.")
            .Produces(StatusCodes.Status200OK, contentType: Pem)
            .Fails(503);
        group.OnlyMethods("/public-key", "GET");
    }

    private static async Task<ContentHttpResult> GetPublicKeyAsync(ISigningKeyProvider keys, CancellationToken cancellationToken) =>
        TypedResults.Text((await keys.GetSigningKeyAsync(cancellationToken)).Public.Pem, Pem);
}
