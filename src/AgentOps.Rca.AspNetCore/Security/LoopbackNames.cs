using System.Net;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>The names of this machine for itself. A name that anybody may point at it, as DNS rebinding does, is none.</summary>
internal static class LoopbackNames
{
    private const string Localhost = "localhost";

    public static bool Contains(HostString host)
    {
        var name = host.Host.Trim('[', ']').TrimEnd('.');
        return name.Equals(Localhost, StringComparison.OrdinalIgnoreCase)
            || name.EndsWith($".{Localhost}", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }
}
