using System.Text.Json;
using AgentOps.Rca.AspNetCore.Analysis;
using AgentOps.Rca.AspNetCore.Artifacts;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Replay;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Replay;

internal static class ReplayEndpoints
{
    public static void MapReplay(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        api.MapPost("/replay/strict", ReplayAsync)
            .WithTags("replay")
            .WithName("rca_replay_strict")
            .WithSummary("Replays an incident from recorded bytes, and says whether everything came out as recorded.")
            .WithMetadata(new BodyLimit(limits.JsonBody))
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 413, 415, 422, 429, 503);
        api.OnlyMethods("/replay/strict", "POST");
    }

    private static async Task<Results<EmptyHttpResult, ApiProblem>> ReplayAsync(
        HttpContext context, IIncidentStore incidents, IReplayer replayer, CancellationToken cancellationToken)
    {
        var (incident, problem) = await IncidentBody.ReadAsync(context.Request, incidents, cancellationToken).ConfigureAwait(false);
        if (incident is null)
        {
            return problem!;
        }

        using var answer = new JsonStreamWriter(context);
        answer.Json.WriteStartObject();
        answer.Json.WritePropertyName("incident");
        JsonSerializer.Serialize(answer.Json, IncidentResponse.Of(incident), IncidentsJsonContext.Default.IncidentResponse);
        answer.Json.WriteStartArray("outputs");
        var result = await replayer.ReplayAsync(incident.Id, WriteAsync, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"The incident {incident.Id:D} went away while it was replayed.");
        answer.Json.WriteEndArray();
        foreach (var member in JsonElement.Parse(ReplayJson.ToUtf8(result), JsonRules.OwnDocumentOptions).EnumerateObject())
        {
            member.WriteTo(answer.Json);
        }

        answer.Json.WritePropertyName("rca");
        if (result.Rca is { } report)
        {
            answer.Json.WriteRawValue(ReportForm.ToUtf8(report), skipInputValidation: true);
        }
        else
        {
            answer.Json.WriteNullValue();
        }

        answer.Json.WriteEndObject();
        await answer.SendAsync(cancellationToken).ConfigureAwait(false);
        return TypedResults.Empty;

        ValueTask WriteAsync(ReplayOutput output, CancellationToken token)
        {
            var shown = output is { Result: { } artifact, Preview: { } start }
                ? output with { Preview = ArtifactsEndpoints.Preview(artifact, start, HttpSettings.Of(context)) }
                : output;
            JsonSerializer.Serialize(answer.Json, shown, ReplayOutputJsonContext.Default.ReplayOutput);
            return answer.SendFullPiecesAsync(token);
        }
    }
}
