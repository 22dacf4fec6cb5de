using System.Net.Sockets;
using System.Security.Authentication;

namespace AgentOps.Rca.Storage.Faults;

/// <summary>Reads the failures of sockets and streams that drivers and HTTP clients have in common.</summary>
internal static class NetworkFaults
{
    /// <summary>What this failure means, or null when it is none of the network.</summary>
    /// <param name="exception">The failure; its inner exceptions are looked at too.</param>
    public static StoreFault? Classify(Exception exception) => exception switch
    {
        SocketException socket => Classify(socket.SocketErrorCode),
        HttpRequestException http => Classify(http),
        // A certificate that does not fit will not fit next time.
        AuthenticationException => StoreFault.Permanent,
        { InnerException: { } inner } when Classify(inner) is { } fault => fault,
        IOException or TimeoutException => StoreFault.Unknown,
        _ => null,
    };

    private static StoreFault? Classify(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError =>
            exception.InnerException is { } inner && Classify(inner) == StoreFault.Permanent ? StoreFault.Permanent : StoreFault.NotDone,
        HttpRequestError.SecureConnectionError => StoreFault.Permanent,
        HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => StoreFault.Unknown,
        _ => exception.InnerException is { } inner ? Classify(inner) ?? StoreFault.Unknown : StoreFault.Unknown,
    };

    private static StoreFault Classify(SocketError error) => error switch
    {
        // No connection came about, so nothing was sent.
        SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown
            or SocketError.NetworkDown or SocketError.TryAgain or SocketError.AddressNotAvailable or SocketError.TooManyOpenSockets
            => StoreFault.NotDone,
        // A name that does not exist now may exist after a fail-over or once the resolver is back.
        SocketError.HostNotFound or SocketError.NoData => StoreFault.NotDone,
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolNotSupported or SocketError.AccessDenied => StoreFault.Permanent,
        _ => StoreFault.Unknown,
    };
}
