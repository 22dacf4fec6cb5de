using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Importing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Importing;

/// <summary>Trace files over HTTP. The format is told by the content, so every kind of body is taken.</summary>
internal static class ImportsEndpoints
{
    public static void MapImports(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("/imports").WithTags("imports");
        group.MapPost("", ImportAsync)
            .WithName("rca_import_file")
            .WithSummary("Takes a trace file in: what a tool, a framework or an exporter wrote on disk.")
            .WithMetadata(new BodyLimit(limits.Import))
            .Produces<ImportResponse>()
            .Produces<ImportResponse>(StatusCodes.Status201Created)
            .Fails(400, 404, 413, 415, 422, 429, 503);
        group.OnlyMethods("", "POST");
    }

    private static async Task<Results<JsonHttpResult<ImportResponse>, ApiProblem>> ImportAsync(
        HttpContext context, IFileImporter importer, CancellationToken cancellationToken)
    {
        var query = new QueryValues(context.Request.Query);
        var incident = query.Text("incident_id");
        var request = new ImportRequest { Name = query.Text("name"), Subject = query.Text("subject"), IncidentPerRun = query.Flag("incident_per_run") };
        request = request with
        {
            ProblemType = query.Text("problem_type") ?? request.ProblemType,
            MostBytes = Math.Min(request.MostBytes, context.GetEndpoint()!.Metadata.GetRequiredMetadata<RequestLimits>().Import),
        };
        if (query.Problem is { } mistake)
        {
            return mistake;
        }

        if (incident is not null && !Guid.TryParse(incident, out _))
        {
            return ApiProblem.At(ProblemKind.NotFound, "incident_id", ApiProblem.NoSuchIncident(incident));
        }

        if (RefuseEncoding(context.Request) is { } refused)
        {
            return refused;
        }

        request = request with { IncidentId = incident is null ? null : Guid.Parse(incident) };
        var taken = await importer.ImportAsync(context.Request.Body, request, cancellationToken).ConfigureAwait(false);
        var isTaken = taken is ImportOutcome.Imported;
        await context.AuditAsync(
            AuditActions.Import,
            "file",
            (taken as ImportOutcome.Imported)?.Import.IncidentId ?? request.IncidentId,
            isTaken ? AuditEntry.Done : AuditEntry.Refused,
            isTaken ? "a trace file" : "a trace file that was not taken").ConfigureAwait(false);
        return taken switch
        {
            ImportOutcome.Imported { Import: { IncidentCreated: true, IncidentId: { } id } import } => JsonAnswer.Created(
                context, $"{GroupPath(context)}/incidents/{id:D}", ImportResponse.Of(import), ImportingJsonContext.Default.ImportResponse),
            ImportOutcome.Imported { Import: var import } => JsonAnswer.Ok(ImportResponse.Of(import), ImportingJsonContext.Default.ImportResponse),
            ImportOutcome.NotUnderstood other => AtPlace(ProblemKind.Invalid, other.Reason, other.Place),
            ImportOutcome.TooLarge large => AtPlace(ProblemKind.TooLarge, large.Reason, large.Place),
            ImportOutcome.UnknownIncident unknown => ApiProblem.At(ProblemKind.NotFound, "incident_id", $"There is no incident {unknown.IncidentId:D}."),
            ImportOutcome.Invalid invalid => ApiProblem.At(ProblemKind.InvalidParameter, invalid.Member, invalid.Reason),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of an import."),
        };
    }

    private static ApiProblem AtPlace(ProblemKind kind, string reason, FilePlace? at) => ApiProblem.At(
        kind,
        at?.Pointer ?? "",
        reason,
        json =>
        {
            if (at is { } place)
            {
                json.WriteStartObject("place");
                json.WriteString("member", place.Member);
                json.WriteNumber("line", place.Line);
                json.WriteNumber("offset", place.Offset);
                json.WriteString("pointer", place.Pointer);
                json.WriteEndObject();
            }
        });

    // A file that is packed is unpacked by its content, whether a header says it or not.
    private static ApiProblem? RefuseEncoding(HttpRequest request) =>
        request.Headers.ContentEncoding.Any(static value => value is { Length: > 0 } && !value.Equals("identity", StringComparison.OrdinalIgnoreCase) && !value.Equals("gzip", StringComparison.OrdinalIgnoreCase))
            ? ApiProblem.At(ProblemKind.UnsupportedMediaType, HeaderNames.ContentEncoding, "The body may be packed with gzip, and in no other way.")
            : null;

    // What stands before /imports.
    private static string GroupPath(HttpContext context)
    {
        var path = context.Request.Path.Value?.TrimEnd('/') ?? "";
        return $"{context.Request.PathBase}{path[..Math.Max(0, path.LastIndexOf("/imports", StringComparison.OrdinalIgnoreCase))]}";
    }
}
