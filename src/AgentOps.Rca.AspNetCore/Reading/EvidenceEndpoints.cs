using System.Buffers;
using System.Globalization;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Artifacts;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Reading;
using AgentOps.Rca.Spans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Reading;

/// <summary>The bytes that a claim of a report rests on.</summary>
internal static class EvidenceEndpoints
{
    private const int DefaultContext = 256;
    private const int MaxContext = 4_096;

    public static void MapEvidence(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/incidents/{id}/evidence/{evidence_id}").WithTags("reading");
        group.MapGet("", GetAsync)
            .WithName("rca_get_evidence")
            .WithSummary("A claim's evidence: the bytes around it, where they stand, and their SHA-256 as recorded and as it is now.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        group.MapGet("/content", GetContentAsync)
            .WithName("rca_get_evidence_content")
            .WithSummary("All bytes that a claim's evidence was read from, to hash them again.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream")
            .Produces(StatusCodes.Status206PartialContent, contentType: "application/octet-stream")
            .Produces(StatusCodes.Status304NotModified)
            .Fails(400, 404, 410, 416, 503);
        group.OnlyMethods("", "GET");
        group.OnlyMethods("/content", "GET");
    }

    private static async Task<Results<JsonHttpResult<EvidenceView>, ApiProblem>> GetAsync(
        string id, string evidence_id, HttpContext context, IIncidentReader reader, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var around = values.Whole("context", least: 0) ?? DefaultContext;
        if (around > MaxContext)
        {
            values.Fail("context", string.Create(CultureInfo.InvariantCulture, $"It must be a whole number from 0 to {MaxContext}."));
        }

        var (view, problem) = await FindAsync(id, evidence_id, values, around, HttpSettings.Of(context).MaskPreviews, reader, cancellationToken).ConfigureAwait(false);
        return view is null ? problem! : JsonAnswer.Ok(view, ReadingJson.Evidence);
    }

    private static async Task<Results<ArtifactContentAnswer, FileContentHttpResult, ApiProblem>> GetContentAsync(
        string id, string evidence_id, HttpContext context, IIncidentReader reader, ISpanStore spans, ArtifactVault artifacts, CancellationToken cancellationToken)
    {
        var (view, problem) = await FindAsync(id, evidence_id, new QueryValues(context.Request.Query), around: null, mask: true, reader, cancellationToken).ConfigureAwait(false);
        if (view is null)
        {
            return problem!;
        }

        if (ArtifactDigest.TryParse(view.Source.ArtifactDigest, out var digest))
        {
            return await artifacts.GetAsync(digest, cancellationToken).ConfigureAwait(false) is { } artifact
                ? new ArtifactContentAnswer(artifact, artifacts)
                : ApiProblem.At(ProblemKind.ContentUnavailable, "evidence_id", view.Source.Fault ?? $"There is no artifact {digest}.");
        }

        if (view.Source.SpanId is not { } spanId || await spans.GetAsync(spanId, cancellationToken).ConfigureAwait(false) is not { } span)
        {
            return ApiProblem.At(ProblemKind.ContentUnavailable, "evidence_id", view.Source.Fault ?? "The span is not there any more.");
        }

        var buffer = new ArrayBufferWriter<byte>(1_024);
        SpanJson.WriteCanonical(span, buffer);
        var actual = ArtifactDigest.Of(buffer.WrittenSpan);
        context.Response.Headers[ReprDigest.FieldName] = ReprDigest.Format(actual);
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return TypedResults.File(
            buffer.WrittenSpan.ToArray(), "application/octet-stream", "span.json", enableRangeProcessing: true, lastModified: null,
            entityTag: new EntityTagHeaderValue($"\"{actual}\""));
    }

    private static async ValueTask<(EvidenceView? View, ApiProblem? Problem)> FindAsync(
        string id, string evidenceId, QueryValues values, int? around, bool mask, IIncidentReader reader, CancellationToken cancellationToken)
    {
        var report = values.Report();
        if ((IncidentPath.Read(id, out var incidentId) ?? values.Problem) is { } problem)
        {
            return (null, problem);
        }

        var query = new EvidenceQuery { IncidentId = incidentId, EvidenceId = evidenceId, ReportDigest = report, Context = around ?? 0, Mask = mask, SourceOnly = around is null };
        return await reader.ReadEvidenceAsync(query, cancellationToken).ConfigureAwait(false) switch
        {
            EvidenceOutcome.Found found => (found.View, null),
            EvidenceOutcome.IncidentNotFound missing => (null, ApiProblem.IncidentNotFound(missing.IncidentId)),
            EvidenceOutcome.ReportNotFound missing => (null, ApiProblem.At(ProblemKind.NotFound, report is null ? "id" : "report", missing.Reason)),
            EvidenceOutcome.NotFound missing => (null, ApiProblem.At(
                ProblemKind.NotFound,
                "evidence_id",
                missing.Known.Count == 0
                    ? $"The report {missing.ReportDigest} has no evidence."
                    : $"The report {missing.ReportDigest} has no evidence of this id; it has {string.Join(", ", missing.Known)}.")),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of reading evidence."),
        };
    }
}
