using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.Mcp.Server;

/// <summary>
/// Refuses pages of other origins, as the protocol asks of every server: a name that an attacker's page makes point at this machine is not a name
/// of this machine. Programs send no origin.
/// </summary>
internal sealed class OriginCheck(AgentOpsRcaMcpOptions options)
{
    public void Guard(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is { } handler)
        {
            endpoint.RequestDelegate = context => Accepts(context.Request) ? handler(context) : RefuseAsync(context);
        }
    }

    private bool Accepts(HttpRequest request) => request.Headers.Origin.All(text =>
        Uri.TryCreate(text, UriKind.Absolute, out var origin)
        && (options.AllowedOrigins.Any(allowed => IsSame(new Uri(allowed), origin)) || (origin.IsLoopback && IsThisMachine(request.Host))));

    private static bool IsSame(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static bool IsThisMachine(HostString host) =>
        Uri.TryCreate($"http://{host.Value}", UriKind.Absolute, out var address) && address.IsLoopback;

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(
            """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Pages of this origin may not call (AgentOpsRca:Mcp:AllowedOrigins)."}}""",
            context.RequestAborted);
    }
}
