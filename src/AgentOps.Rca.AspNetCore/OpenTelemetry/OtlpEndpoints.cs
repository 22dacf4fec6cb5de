using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.OpenTelemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.OpenTelemetry;

/// <summary>OTLP over HTTP: an OpenTelemetry exporter needs this host's address and nothing else.</summary>
/// <remarks>https://opentelemetry.io/docs/specs/otlp/#otlphttp</remarks>
internal static class OtlpEndpoints
{
    private const string BaggageEntry = "agentops.incident.id";

    public static void MapOtlp(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("/v1").WithTags("otlp").WithMetadata(new BodyLimit(limits.OtlpBody), new OtlpBudget(limits.OtlpInFlight));
        group.MapPost("/traces", TakeTracesAsync)
            .WithName("rca_otlp_traces")
            .WithSummary("Takes spans from an OpenTelemetry exporter (OTLP over HTTP).")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 413, 415, 503);
        group.MapPost("/logs", TakeLogsAsync)
            .WithName("rca_otlp_logs")
            .WithSummary("Takes log records from an OpenTelemetry exporter (OTLP over HTTP).")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 413, 415, 503);
        group.MapPost("/metrics", TakeMetricsAsync)
            .WithName("rca_otlp_metrics")
            .WithSummary("Takes metrics from an OpenTelemetry exporter (OTLP over HTTP), stores none of them and says so.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 413, 415, 503);
        group.OnlyMethods("/traces", "POST");
        group.OnlyMethods("/logs", "POST");
        group.OnlyMethods("/metrics", "POST");
    }

    private static Task<IResult> TakeTracesAsync(HttpContext context, OtlpIntake intake, CancellationToken cancellationToken) =>
        TakeAsync(context, intake.TakeTracesAsync, "rejectedSpans", cancellationToken);

    private static Task<IResult> TakeLogsAsync(HttpContext context, OtlpIntake intake, CancellationToken cancellationToken) =>
        TakeAsync(context, intake.TakeLogsAsync, "rejectedLogRecords", cancellationToken);

    // An exporter that is set up by its environment sends metrics, too; a refusal each minute would look like a fault.
    private static Task<IResult> TakeMetricsAsync(HttpContext context, CancellationToken cancellationToken) => TakeAsync(
        context,
        (body, encoding, _, _) => ValueTask.FromResult(OtlpMetrics.Count(body, encoding)),
        "rejectedDataPoints",
        cancellationToken);

    private static async Task<IResult> TakeAsync(
        HttpContext context,
        Func<ReadOnlyMemory<byte>, OtlpEncoding, string?, CancellationToken, ValueTask<OtlpOutcome>> take,
        string rejectedName,
        CancellationToken cancellationToken)
    {
        if (OtlpBody.EncodingOf(context.Request) is not { } encoding)
        {
            return ApiProblem.At(
                ProblemKind.UnsupportedMediaType, "Content-Type", "OTLP comes as application/x-protobuf or as application/json.");
        }

        try
        {
            var metadata = context.GetEndpoint()!.Metadata;
            using var share = metadata.GetRequiredMetadata<OtlpBudget>().Open();
            var most = metadata.GetRequiredMetadata<RequestLimits>().OtlpBody;
            var (status, problem, body) = await OtlpBody.ReadAsync(context.Request, most, share, context.ShareMemory(), cancellationToken).ConfigureAwait(false);
            if (problem is not null)
            {
                return status == StatusCodes.Status503ServiceUnavailable
                    ? OtlpAnswer.Later(encoding, problem, OtlpBudget.RetryAfter)
                    : OtlpAnswer.Refused(encoding, status, problem);
            }

            var outcome = await take(body, encoding, IncidentOf(context.Request), cancellationToken).ConfigureAwait(false);
            return outcome.Malformed is { } malformed
                ? OtlpAnswer.Refused(encoding, StatusCodes.Status400BadRequest, malformed)
                : OtlpAnswer.Taken(encoding, outcome, rejectedName);
        }
        catch (StoreUnavailableException exception)
        {
            return OtlpAnswer.Later(encoding, exception.Message, exception.RetryAfter);
        }
        catch (BadHttpRequestException exception)
        {
            return OtlpAnswer.Refused(encoding, exception.StatusCode, exception.Message);
        }
    }

    // W3C baggage: entries separated by commas, properties behind semicolons, values in percent-encoding.
    private static string? IncidentOf(HttpRequest request)
    {
        foreach (var entry in request.Headers.GetCommaSeparatedValues("baggage"))
        {
            var text = entry.Split(';', 2)[0];
            var mark = text.IndexOf('=', StringComparison.Ordinal);
            if (mark > 0 && text.AsSpan(0, mark).Trim().SequenceEqual(BaggageEntry))
            {
                return Uri.UnescapeDataString(text[(mark + 1)..].Trim());
            }
        }

        return null;
    }
}
