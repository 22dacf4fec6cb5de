using System.Reflection;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.AspNetCore.Health;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Page;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Service;

internal static class ServiceEndpoints
{
    // A name of its own for each method: a description of the API has every name once.
    private static readonly string[] Head = [HttpMethods.Head];

    private static readonly string Version =
        typeof(ServiceEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static void MapService(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("").WithTags("service").WithMetadata(OpenEndpoint.Instance);
        group.MapGet("/", GetCard)
            .WithMetadata(new SignInPage(static context => PageEndpoints.Show(context, PageFiles.BesideTheApi)))
            .WithName("rca_service_card")
            .WithSummary("What answers here, and where to go on; a browser gets the page for people.")
            .Produces<ServiceCard>();
        group.MapMethods("/", Head, GetCard)
            .WithName("rca_head_service_card")
            .WithSummary("What answers here, and where to go on.")
            .Produces(StatusCodes.Status200OK);
        group.MapGet("/health", GetHealth)
            .WithMetadata(LivenessEndpoint.Instance)
            .WithName("rca_health")
            .WithSummary("Whether the process answers.")
            .Produces<HealthResponse>();
        group.MapMethods("/health", Head, GetHealth)
            .WithMetadata(LivenessEndpoint.Instance)
            .WithName("rca_head_health")
            .WithSummary("Whether the process answers.")
            .Produces(StatusCodes.Status200OK);
        group.MapGet("/health/ready", GetReadyAsync)
            .WithName("rca_ready")
            .WithSummary("Whether the store can be reached, and which engines can work.")
            .Produces<HealthResponse>()
            .Fails(503);
        group.MapMethods("/health/ready", Head, GetReadyAsync)
            .WithName("rca_head_ready")
            .WithSummary("Whether the store can be reached, and which engines can work.")
            .Produces(StatusCodes.Status200OK)
            .Fails(503);
        group.OnlyMethods("/", "GET, HEAD");
        group.OnlyMethods("/health", "GET, HEAD");
        group.OnlyMethods("/health/ready", "GET, HEAD");
    }

    private static IResult GetCard(HttpContext context, StorageBackend backend, IEnumerable<IRcaEngine> engines)
    {
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        if (MediaTypes.Asks(context.Request, MediaTypes.Html) && !MediaTypes.Asks(context.Request, MediaTypes.Json))
        {
            return PageEndpoints.Show(context, PageFiles.BesideTheApi);
        }

        var isToldAll = IsToldAll(context);
        var root = $"{context.Request.PathBase}{context.Request.Path.Value?.TrimEnd('/')}";
        return JsonAnswer.Ok(
            new ServiceCard(
                "AgentOps.Rca",
                Version,
                isToldAll ? backend.Name : null,
                isToldAll ? StatesOf(engines) : [],
                new ServiceLinks($"{root}/docs", $"{root}/openapi/v1.json", $"{root}/health", $"{root}/health/ready", $"{root}/incidents")),
            ServiceJsonContext.Default.ServiceCard);
    }

    private static JsonHttpResult<HealthResponse> GetHealth() =>
        JsonAnswer.Ok(new HealthResponse("ok"), ServiceJsonContext.Default.HealthResponse);

    private static async Task<Results<JsonHttpResult<HealthResponse>, ApiProblem>> GetReadyAsync(
        HttpContext context, StorageBackend backend, IEnumerable<IRcaEngine> engines, CancellationToken cancellationToken)
    {
        if (await StoreHealthCheck.FindFaultAsync(backend, context.RequestServices, cancellationToken).ConfigureAwait(false) is { } fault)
        {
            return new ApiProblem(ProblemKind.StoreUnavailable, IsToldAll(context) ? fault : "The store cannot be reached at the moment.") { RetryAfter = TimeSpan.FromSeconds(5) };
        }

        if (!IsToldAll(context))
        {
            return JsonAnswer.Ok(new HealthResponse("ready"), ServiceJsonContext.Default.HealthResponse);
        }

        return JsonAnswer.Ok(
            new HealthResponse("ready", backend.Name, StatesOf(engines), StateOf(context.RequestServices.GetService<ActivityRecorder>()))
            {
                Warning = await FindWarningAsync(context, backend, cancellationToken).ConfigureAwait(false),
                Tenants = context.GetEndpoint()!.Metadata.GetRequiredMetadata<TenantGate>().OpenCount,
            },
            ServiceJsonContext.Default.HealthResponse);
    }

    private static async ValueTask<string?> FindWarningAsync(HttpContext context, StorageBackend backend, CancellationToken cancellationToken) =>
        context.GetEndpoint()!.Metadata.GetMetadata<WorkLimits>()?.Room is { } room && await room.FindAsync(context.RequestServices, more: 0, cancellationToken).ConfigureAwait(false) is { } full
            ? full
            : await backend.FindWarningAsync(cancellationToken).ConfigureAwait(false);

    // Where a key is asked for, who has none learns that the host is there, and nothing of what it runs on.
    private static bool IsToldAll(HttpContext context) =>
        Caller.Of(context).IsKnown || context.GetEndpoint()!.Metadata.GetRequiredMetadata<CallerGate>().Demand is KeyDemand.None or KeyDemand.Off;

    private static RecordingState? StateOf(ActivityRecorder? recorder) =>
        recorder is null ? null : new RecordingState(recorder.Recorded, recorder.Dropped, recorder.Waiting);

    private static List<EngineState> StatesOf(IEnumerable<IRcaEngine> engines) =>
        [.. engines.Select(engine => new EngineState(engine.Name, engine.Unavailable is null, engine.Unavailable))];
}
