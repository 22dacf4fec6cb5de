using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Keeps requests that bring records from filling the disk: who reads, analyses and decides needs what is left of it.</summary>
/// <param name="mostStored">How many bytes records and content may take; null is no limit.</param>
/// <param name="leastFree">How many bytes stay free on each disk.</param>
internal sealed class RoomLimit(long? mostStored, long leastFree)
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(60);

    /// <summary>The limit of these settings, or null where there is none.</summary>
    public static RoomLimit? Of(AgentOpsRcaHttpOptions options) =>
        options is { MaxStoredBytes: null, MinFreeDiskBytes: 0 } ? null : new RoomLimit(options.MaxStoredBytes, options.MinFreeDiskBytes);

    /// <summary>Why a request's records are not taken, or null.</summary>
    /// <param name="context">The request, with the services of its tenant.</param>
    public async ValueTask<ApiProblem?> FindProblemAsync(HttpContext context) =>
        await FindAsync(context.RequestServices, context.Request.ContentLength ?? 0, context.RequestAborted).ConfigureAwait(false) is { } why
            ? new ApiProblem(ProblemKind.InsufficientStorage, why) { RetryAfter = TryAgain }
            : null;

    /// <summary>Why so many more bytes are not taken, in a sentence; null when they are.</summary>
    /// <param name="services">The services of the host or of a tenant.</param>
    /// <param name="more">How many.</param>
    /// <param name="cancellationToken">Cancels the measuring.</param>
    public async ValueTask<string?> FindAsync(IServiceProvider services, long more, CancellationToken cancellationToken)
    {
        var room = services.GetRequiredService<StorageRoom>();
        if (mostStored is { } most && await room.MeasureAsync(cancellationToken).ConfigureAwait(false) is { } stored && stored > most - more)
        {
            return "Records and content would take more bytes than this host allows (MaxStoredBytes); none are taken until some were deleted.";
        }

        return leastFree > 0 && room.FindFree() - more < leastFree
            ? "Less room would be left on the disk than this host keeps free (MinFreeDiskBytes); no records are taken until there is more."
            : null;
    }
}
