using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>
/// Put around every endpoint: who sends it is checked first, and an exception that is no bug becomes a problem, also when it is thrown while
/// the answer is being written. An answer that has begun is cut, so that nobody takes half of it for the whole.
/// </summary>
internal sealed partial class RequestGuard(CallerGate gate, TenantGate tenants, Func<HttpContext, ApiProblem, ValueTask> recordRefusal, ILogger<RequestGuard> logger)
{
    private const int ClientClosedRequest = 499;

    public void Guard(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is { } handler)
        {
            endpoint.RequestDelegate = context => RunToTheEndAsync(context, handler);
        }
    }

    private async Task RunToTheEndAsync(HttpContext context, RequestDelegate handler)
    {
        await RunAsync(context, handler).ConfigureAwait(false);

        // Its turn is over, and what is read from now on is not kept.
        context.Features.Get<MemoryBudget.Share>()?.Dispose();
        await context.DrainAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(HttpContext context, RequestDelegate handler)
    {
        context.Response.OnStarting(SecurityHeaders.AddAsync, context);
        try
        {
            if (await gate.AdmitAsync(context).ConfigureAwait(false) is { } refused)
            {
                if (refused == CallerGate.KeyIsWrong)
                {
                    await gate.RecordWrongKeyAsync(context).ConfigureAwait(false);
                }
                else if (refused.Kind == ProblemKind.Forbidden)
                {
                    await recordRefusal(context, refused).ConfigureAwait(false);
                }

                await Answer(context, refused).ConfigureAwait(false);
                return;
            }

            var metadata = context.GetEndpoint()?.Metadata;
            if (tenants.Find(Caller.Of(context), metadata, out var tenant) is { } elsewhere)
            {
                await recordRefusal(context, elsewhere).ConfigureAwait(false);
                await Answer(context, elsewhere).ConfigureAwait(false);
                return;
            }

            if (metadata?.GetMetadata<WorkLimit>() is not { } limit || metadata.GetMetadata<OpenEndpoint>() is not null)
            {
                await HandleAsync(context, handler, tenant).ConfigureAwait(false);
                return;
            }

            var taker = Caller.Of(context).ShareOf(context);
            context.Features.Set(new RequestMemory.Taker(taker));
            var (turn, tooMany) = await limit.AcquireAsync(taker, context.RequestAborted).ConfigureAwait(false);
            using (turn)
            {
                if (tooMany is null)
                {
                    await HandleAsync(context, handler, tenant).ConfigureAwait(false);
                    return;
                }
            }

            await recordRefusal(context, tooMany).ConfigureAwait(false);
            await Answer(context, tooMany).ConfigureAwait(false);
        }
        catch (Exception exception) when (HasLeft(context, exception))
        {
            // Nobody is there to be answered.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = ClientClosedRequest;
            }
        }
        catch (Exception exception) when (ExceptionProblems.TryFind(exception, out var problem))
        {
            if (context.Response.HasStarted)
            {
                LogCut(context.Request.Method, context.Request.Path, exception);
                context.Abort();
                return;
            }

            if (exception is StoreUnavailableException)
            {
                LogUnavailable(context.Request.Method, context.Request.Path, exception);
            }

            await Answer(context, problem).ConfigureAwait(false);
        }
    }

    private async Task HandleAsync(HttpContext context, RequestDelegate handler, string? tenant)
    {
        if (tenant is null)
        {
            await HandleWithRoomAsync(context, handler).ConfigureAwait(false);
            return;
        }

        var entered = await tenants.EnterAsync(context, tenant).ConfigureAwait(false);
        await using var enteredDisposal = entered.ConfigureAwait(false);
        await HandleWithRoomAsync(context, handler).ConfigureAwait(false);
    }

    private static async Task HandleWithRoomAsync(HttpContext context, RequestDelegate handler)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RoomLimit>() is { } room
            && await room.FindProblemAsync(context).ConfigureAwait(false) is { } full)
        {
            // Not in the audit, which takes room, too.
            await Answer(context, full).ConfigureAwait(false);
            return;
        }

        await handler(context).ConfigureAwait(false);
    }

    private static Task Answer(HttpContext context, ApiProblem problem)
    {
        context.Response.Clear();
        return problem.ExecuteAsync(context);
    }

    private static bool HasLeft(HttpContext context, Exception exception) =>
        (exception is OperationCanceledException or ConnectionResetException or IOException and not BadHttpRequestException)
        && context.RequestAborted.IsCancellationRequested;

    [LoggerMessage(LogLevel.Warning, "The answer to {Method} {Path} was cut off because its source failed while it was being sent.")]
    private partial void LogCut(string method, PathString path, Exception exception);

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} was answered with 503: a store cannot be reached.")]
    private partial void LogUnavailable(string method, PathString path, Exception exception);
}
