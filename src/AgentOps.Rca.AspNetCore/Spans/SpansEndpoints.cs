using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Spans.Ingest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Spans;

internal static class SpansEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    public static void MapSpans(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("/traces/spans").WithTags("spans");
        group.MapPost("", WriteAsync)
            .WithName("rca_write_spans")
            .WithSummary("Stores spans: an array, an object around one, one span, or one span a line.")
            .WithMetadata(new BodyLimit(limits.SpansBody))
            .Produces<SpansWrittenResponse>()
            .Fails(400, 409, 413, 415, 422, 503);
        group.MapGet("", ListAsync)
            .WithName("rca_list_spans")
            .WithSummary("Lists spans by their start.")
            .Produces<IReadOnlyList<SpanResponse>>()
            .Fails(400, 503);
        group.OnlyMethods("", "GET, POST");
    }

    private static async Task<Results<JsonHttpResult<SpansWrittenResponse>, ApiProblem>> WriteAsync(
        HttpContext context, SpanIngests ingests, CancellationToken cancellationToken)
    {
        if (MediaTypes.Refuse(context.Request, takesLines: true) is { } refused)
        {
            return refused;
        }

        var ingest = ingests.Start();
        try
        {
            var found = await ingest.RunAsync(context.Request.Body, context.GetEndpoint()!.Metadata.GetRequiredMetadata<RequestLimits>().Span, cancellationToken).ConfigureAwait(false);
            return found is not null ? Explain(found, ingest)
                : ingest.ConflictCount > 0 ? ExplainConflicts(ingest)
                : JsonAnswer.Ok(Summarize(ingest), SpansJsonContext.Default.SpansWrittenResponse);
        }
        catch (BadHttpRequestException exception) when (ExceptionProblems.TryFind(exception, out var problem))
        {
            return new ApiProblem(problem.Kind, exception.Message) { Extensions = json => WriteCounts(json, ingest) };
        }
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<SpanResponse>>, ApiProblem>> ListAsync(
        HttpContext context, ISpanStore spans, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var limit = values.Limit(DefaultLimit, MaxLimit);
        var incidentId = values.Text("incident_id");
        var query = new SpanQuery
        {
            IncidentId = GuidText.TryRead(incidentId, out var id) ? id.ToString("D") : incidentId,
            Tool = values.Text("tool"),
            After = values.Cursor(SpanCursorText.Read),
            Limit = limit + 1,
        };
        if (values.Problem is { } problem)
        {
            return problem;
        }

        // Who did what is for those who may read the audit.
        var page = new BoundedPage<Span>(context.ShareMemory(), limit);
        for (var isMore = true; isMore && !page.IsCut && page.Problem is null;)
        {
            var read = 0;
            await foreach (var span in spans.ListAsync(query, cancellationToken).ConfigureAwait(false))
            {
                read++;
                query = query with { After = new SpanCursor(span.StartTs, span.SpanId) };
                if (span.IncidentId != SpanIds.AuditIncident && !page.TryAdd(span, span.KeptAttributes.Utf8Length))
                {
                    break;
                }
            }

            isMore = read == query.Limit;
        }

        if (page.Problem is { } tooMuch)
        {
            return tooMuch;
        }

        if (page.IsCut)
        {
            PageLink.AddNext(context, SpanCursorText.Write(page.Items[^1]));
        }

        return JsonAnswer.Ok((IReadOnlyList<SpanResponse>)page.Items.ConvertAll(SpanResponse.Of), SpansJsonContext.Default.IReadOnlyListSpanResponse);
    }

    private static SpansWrittenResponse Summarize(SpanIngest ingest) => new(
        "ok",
        ingest.Accepted,
        ingest.Duplicates,
        [.. ingest.Unresolved.Order().Select(digest => digest.ToString())],
        ingest.IsUnresolvedCut,
        ingest.Orders?.Linked ?? 0,
        ingest.Orders?.Unlinked ?? 0,
        ingest.Orders?.Reason);

    private static ApiProblem Explain(SpanProblem found, SpanIngest ingest)
    {
        var kind = found.Kind switch
        {
            SpanProblemKind.Malformed => ProblemKind.MalformedBody,
            SpanProblemKind.TooLarge => ProblemKind.TooLarge,
            _ => ProblemKind.Invalid,
        };
        return ApiProblem.At(
            kind,
            found.Pointer,
            string.Create(CultureInfo.InvariantCulture, $"{found.Message} (line {found.Line}) What stands before it is stored."),
            json => WriteCounts(json, ingest));
    }

    private static ApiProblem ExplainConflicts(SpanIngest ingest) => new(
        ProblemKind.Conflict,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{ingest.ConflictCount} span(s) differ from what is stored under their id, which stays. The other spans are stored."))
    {
        Extensions = json => WriteCounts(json, ingest),
    };

    private static void WriteCounts(Utf8JsonWriter json, SpanIngest ingest)
    {
        json.WriteNumber("accepted", ingest.Accepted);
        json.WriteNumber("duplicates", ingest.Duplicates);
        json.WriteNumber("conflict_count", ingest.ConflictCount);
        json.WriteStartArray("conflicts");
        foreach (var spanId in ingest.Conflicts)
        {
            json.WriteStringValue(spanId);
        }

        json.WriteEndArray();
        if (ingest.Orders is { Reason: { } reason } orders)
        {
            json.WriteNumber("unlinked", orders.Unlinked);
            json.WriteString("unlinked_reason", reason);
        }

        json.WriteStartArray("unresolved_digests");
        foreach (var digest in ingest.Unresolved.Order())
        {
            json.WriteStringValue(digest.ToString());
        }

        json.WriteEndArray();
    }
}
