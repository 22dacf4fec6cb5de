using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Incidents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Bundles;

internal static class BundlesEndpoints
{
    private const string IncludeAudit = "include_audit";
    private const string Pem = "application/x-pem-file";

    public static void MapBundles(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("/bundles").WithTags("bundles");
        group.MapPost("", ExportAsync)
            .WithName("rca_export_bundle")
            .WithSummary("Exports an incident as a signed bundle: a zip, or base64 in JSON.")
            .WithMetadata(new BodyLimit(limits.JsonBody))
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Zip, additionalContentTypes: MediaTypes.Json)
            .Fails(400, 404, 413, 415, 422, 429, 503);
        group.MapPost("/verify", VerifyAsync)
            .WithName("rca_verify_bundle")
            .WithSummary("Verifies a bundle against itself and the keys this host trusts.")
            .WithMetadata(new BodyLimit(limits.Bundle))
            .Produces<BundleVerification>()
            .Fails(400, 413, 415, 422, 429, 503);
        group.MapPost("/import", ImportAsync)
            .WithName("rca_import_bundle")
            .WithSummary("Loads a bundle that a trusted key has signed, so that its incident can be replayed here.")
            .WithMetadata(new BodyLimit(limits.Bundle))
            .Produces<BundleImportResponse>()
            .Produces<BundleImportResponse>(StatusCodes.Status201Created)
            .Fails(400, 403, 409, 413, 415, 422, 429, 503);
        group.MapGet("/public-keys", GetTrustedKeysAsync)
            .WithName("rca_list_trusted_keys")
            .WithSummary("The public keys whose signatures this host trusts, the one that signs first.")
            .Produces<IReadOnlyList<TrustedKeyResponse>>()
            .Fails(503);
        group.MapGet("/public-key", GetPublicKeyAsync)
            .WithName("rca_get_public_key")
            .WithSummary("The public key that bundles of this host are verified with, as PEM.")
            .Produces(StatusCodes.Status200OK, contentType: Pem)
            .Fails(503);
        group.OnlyMethods("", "POST");
        group.OnlyMethods("/verify", "POST");
        group.OnlyMethods("/import", "POST");
        group.OnlyMethods("/public-key", "GET");
        group.OnlyMethods("/public-keys", "GET");
    }

    private static async Task<Results<BundleAnswer, ApiProblem>> ExportAsync(
        HttpContext context, IIncidentStore incidents, IBundleExporter exporter, CancellationToken cancellationToken)
    {
        var options = new BundleOptions();
        var (incident, problem) = await IncidentBody.ReadAsync(
            context.Request,
            incidents,
            body => options = new BundleOptions { IncludeUnmasked = body.Flag("include_unmasked") ?? true, IncludeAudit = body.Flag(IncludeAudit) ?? false },
            cancellationToken).ConfigureAwait(false);
        if (incident is null)
        {
            return problem!;
        }

        if (options.IncludeAudit && !Caller.Of(context).May(CallerScopes.Admin))
        {
            return ApiProblem.At(ProblemKind.Forbidden, $"/{IncludeAudit}", $"The audit needs the scope {CallerScopes.Admin}, in a bundle as at GET /audit.");
        }

        var bundle = await exporter.PrepareAsync(incident.Id, options, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"The incident {incident.Id:D} went away while it was exported.");
        await context.AuditAsync(
            AuditActions.Export, $"incident/{incident.Id:D}", incident.Id, detail: $"{(options.IncludeUnmasked ? "with" : "without")} unmasked content{(options.IncludeAudit ? ", with the audit" : "")}").ConfigureAwait(false);
        return new BundleAnswer(bundle, asJson: WantsJson(context.Request));
    }

    // Clients of an API that always answered JSON (fetch, requests, httpx) accept everything and then read JSON. Who wants the file names
    // it, or accepts nothing in particular, as a browser does for a page and a client without the header.
    private static bool WantsJson(HttpRequest request) =>
        !MediaTypes.Asks(request, MediaTypes.Zip) && (MediaTypes.Asks(request, MediaTypes.Json) || MediaTypes.AsksForAnything(request));

    private static async Task<Results<JsonBytesAnswer, ApiProblem>> VerifyAsync(
        HttpRequest request, IBundleVerifier verifier, CancellationToken cancellationToken)
    {
        if (RefuseType(request) is { } refused)
        {
            return refused;
        }

        var values = new QueryValues(request.Query);
        var isWhole = values.Flag("all_checks");
        if (values.Problem is { } problem)
        {
            return problem;
        }

        var outcome = isWhole
            ? await verifier.VerifyWhollyAsync(request.Body, cancellationToken).ConfigureAwait(false)
            : await verifier.VerifyAsync(request.Body, cancellationToken).ConfigureAwait(false);
        return outcome switch
        {
            BundleVerificationOutcome.Verified verified =>
                new JsonBytesAnswer(BundleVerificationJson.ToUtf8(verified.Verification)),
            BundleVerificationOutcome.NotABundle other => ApiProblem.At(ProblemKind.Invalid, "", other.Reason),
            _ => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of a verification."),
        };
    }

    private static async Task<Results<JsonHttpResult<BundleImportResponse>, ApiProblem>> ImportAsync(
        HttpContext context, IBundleImporter importer, CancellationToken cancellationToken)
    {
        if (RefuseType(context.Request) is { } refused)
        {
            return refused;
        }

        var taken = await importer.ImportAsync(context.Request.Body, cancellationToken).ConfigureAwait(false);
        await AuditAsync(context, taken).ConfigureAwait(false);
        return taken switch
        {
            BundleImportOutcome.Imported { Import: { Created: true } import } => JsonAnswer.Created(
                context,
                $"{GroupPath(context)}/incidents/{import.IncidentId:D}",
                BundleImportResponse.Of(import),
                BundlesJsonContext.Default.BundleImportResponse),
            BundleImportOutcome.Imported { Import: var import } =>
                JsonAnswer.Ok(BundleImportResponse.Of(import), BundlesJsonContext.Default.BundleImportResponse),
            BundleImportOutcome.NotABundle other => ApiProblem.At(ProblemKind.Invalid, "", other.Reason),
            BundleImportOutcome.Altered altered => ApiProblem.At(
                ProblemKind.Invalid,
                "",
                $"The bundle is not as it was exported. {altered.Reason} ({altered.Region})",
                json => json.WriteString("region", altered.Region)),
            BundleImportOutcome.SignerNotTrusted signer => ApiProblem.At(
                ProblemKind.Forbidden,
                "",
                $"The bundle is signed by the key {signer.KeyId}, which is not trusted here (AGENTOPS_TRUSTED_KEYS).",
                json => json.WriteString("key_id", signer.KeyId)),
            BundleImportOutcome.Conflict conflict => ApiProblem.At(
                ProblemKind.Conflict,
                "",
                $"Other records are stored here under the same ids, and stay: {string.Join(", ", conflict.Records.Take(5))}{(conflict.Records.Count > 5 ? ", …" : "")}.",
                json =>
                {
                    json.WriteString("incident_id", conflict.IncidentId);
                    json.WriteStartArray("conflicts");
                    foreach (var record in conflict.Records)
                    {
                        json.WriteStringValue(record);
                    }

                    json.WriteEndArray();
                }),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of an import."),
        };
    }

    private static ValueTask AuditAsync(HttpContext context, BundleImportOutcome outcome) => outcome switch
    {
        BundleImportOutcome.Imported { Import: var import } => context.AuditAsync(
            AuditActions.Import, $"bundle/{import.KeyId}", import.IncidentId, detail: $"signed by the key {import.KeyId}"),
        BundleImportOutcome.SignerNotTrusted signer => context.AuditAsync(
            AuditActions.Import, $"bundle/{signer.KeyId}", outcome: AuditEntry.Refused, detail: "the key that signed it is not trusted here"),
        BundleImportOutcome.Conflict conflict => context.AuditAsync(
            AuditActions.Import, "bundle", conflict.IncidentId, AuditEntry.Refused, "other records are stored under its ids"),
        _ => context.AuditAsync(AuditActions.Import, "bundle", outcome: AuditEntry.Refused, detail: "it is no bundle, or not as it was exported"),
    };

    private static ApiProblem? RefuseType(HttpRequest request) =>
        MediaTypes.IsZip(request)
            ? MediaTypes.RefuseEncoding(request)
            : ApiProblem.At(ProblemKind.UnsupportedMediaType, HeaderNames.ContentType, $"The body must be {MediaTypes.Zip}.");

    // What stands before /bundles/import.
    private static string GroupPath(HttpContext context)
    {
        var path = context.Request.Path.Value?.TrimEnd('/') ?? "";
        return $"{context.Request.PathBase}{path[..Math.Max(0, path.LastIndexOf("/bundles/", StringComparison.OrdinalIgnoreCase))]}";
    }

    private static async Task<JsonHttpResult<IReadOnlyList<TrustedKeyResponse>>> GetTrustedKeysAsync(
        ISigningKeyProvider keys, CancellationToken cancellationToken)
    {
        var signing = (await keys.GetSigningKeyAsync(cancellationToken).ConfigureAwait(false)).Public.KeyId;
        return JsonAnswer.Ok(
            (IReadOnlyList<TrustedKeyResponse>)[.. (await keys.GetTrustedKeysAsync(cancellationToken).ConfigureAwait(false))
                .Select(key => new TrustedKeyResponse(key.KeyId, key.KeyId == signing, key.Pem))
                .OrderByDescending(key => key.Signs).ThenBy(key => key.KeyId, StringComparer.Ordinal)],
            BundlesJsonContext.Default.IReadOnlyListTrustedKeyResponse);
    }

    private static async Task<ContentHttpResult> GetPublicKeyAsync(ISigningKeyProvider keys, CancellationToken cancellationToken) =>
        TypedResults.Text((await keys.GetSigningKeyAsync(cancellationToken).ConfigureAwait(false)).Public.Pem, Pem);
}
