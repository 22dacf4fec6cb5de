using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AgentOps.Rca.Testing;

/// <summary>Ports for servers that are started later, or again. No other test run on this machine gets one as long as this process lives.</summary>
public static class TestPort
{
    private static readonly ConcurrentBag<FileStream> Claims = [];

    // eng/services.sh claims its ports in the same place.
    private static readonly DirectoryInfo Directory =
        System.IO.Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"agentops-rca-ports-{Environment.UserName}"));

    /// <summary>A port on which nobody listens, below the kernel's range of outgoing ports.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            FileStream claim;
            try
            {
                claim = new FileStream(
                    Path.Combine(Directory.FullName, port.ToString(CultureInfo.InvariantCulture)), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                continue;
            }

            Claims.Add(claim);
            using var probe = new TcpListener(IPAddress.Any, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }
}
