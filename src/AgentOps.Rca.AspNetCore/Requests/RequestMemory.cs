using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>The memory that a request takes of what all may take together.</summary>
internal static class RequestMemory
{
    /// <summary>Whose share requests of a caller take; set by who lets them in.</summary>
    /// <param name="Name">The caller.</param>
    internal sealed record Taker(string Name);

    /// <summary>The share of this request, which is given back when it is over.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The response disposes it when the request is over.")]
    public static MemoryBudget.Share ShareMemory(this HttpContext context)
    {
        if (context.Features.Get<MemoryBudget.Share>() is { } share)
        {
            return share;
        }

        var budget = context.GetEndpoint()?.Metadata.GetMetadata<MemoryBudget>() ?? new MemoryBudget(most: null);
        share = budget.Open(context.Features.Get<Taker>()?.Name ?? $"{context.Connection.RemoteIpAddress}");
        context.Features.Set(share);
        context.Response.RegisterForDispose(share);
        return share;
    }
}
