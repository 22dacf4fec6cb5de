using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Auditing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Auditing;

/// <summary>Records who did what over HTTP.</summary>
internal static class HttpAudit
{
    /// <summary>The network address of the caller, as far as this host sees it.</summary>
    public static string? SourceOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
        : null;

    /// <summary>Records an entry of the caller of this request; it is durable when the call returns.</summary>
    public static ValueTask AuditAsync(
        this HttpContext context, string action, string? @object, Guid? incidentId = null, string outcome = AuditEntry.Done, string? detail = null) =>
        context.RequestServices.GetRequiredService<IAuditTrail>().RecordAsync(
            new AuditEntry
            {
                Action = action,
                Actor = Caller.Of(context).Sign(claimed: null, "", needsName: false, out _),
                Object = @object,
                IncidentId = incidentId,
                Outcome = outcome,
                Source = SourceOf(context),
                Detail = detail,
            },
            context.RequestAborted);
}
