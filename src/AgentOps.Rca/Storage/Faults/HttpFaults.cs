using System.Net;

namespace AgentOps.Rca.Storage.Faults;

/// <summary>Reads the error replies of Supabase's Data API (PostgREST) and Storage API, and of the gateway in front of them.</summary>
internal static class HttpFaults
{
    /// <summary>What this reply means.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The <c>code</c> of the body: a SQLSTATE or a PostgREST code such as <c>PGRST002</c>; null when it has none.</param>
    public static StoreFault Classify(HttpStatusCode status, string? code) => code switch
    {
        // Could not connect, no schema cache yet, no free connection: the statement was never sent.
        "PGRST000" or "PGRST002" or "PGRST003" => StoreFault.NotDone,
        // The connection broke under the statement.
        "PGRST001" => StoreFault.Unknown,
        { Length: 5 } => SqlStateFaults.Classify(code),
        _ => Classify(status),
    };

    private static StoreFault Classify(HttpStatusCode status) => status switch
    {
        HttpStatusCode.TooManyRequests => StoreFault.NotDone,
        HttpStatusCode.RequestTimeout or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => StoreFault.Unknown,
        // The codes of the content delivery network in front of supabase.co: the origin is down, too slow, or cut the reply.
        >= (HttpStatusCode)520 and <= (HttpStatusCode)530 => StoreFault.Unknown,
        _ => StoreFault.Permanent,
    };
}
