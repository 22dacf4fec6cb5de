using System.Net;
using System.Net.Sockets;
using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Supabase.Tests.Trials;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Http;

/// <summary>The host in a process of its own is told to go (SIGTERM).</summary>
public sealed class ShutdownTests
{
    [Fact(Timeout = 120_000)]
    public async Task A_request_in_flight_is_answered_before_the_host_goes_and_what_it_wrote_is_kept()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var host = await HostProcess.StartAsync(("SUPABASE_DB_URL", database.Direct));
        var content = new byte[200_000];
        new Random(1).NextBytes(content);
        using var upload = new TcpClient();
        await upload.ConnectAsync(IPAddress.Loopback, host.Port);
        var stream = upload.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /artifacts HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n"));
        await stream.WriteAsync(content.AsMemory(0, 100_000));
        await Task.Delay(200);

        host.Terminate();
        await WaitClosedAsync(host.Port);
        Assert.False(host.HasExited);
        await stream.WriteAsync(content.AsMemory(100_000));

        using var answer = new StreamReader(stream);
        var text = await answer.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 201", text, StringComparison.Ordinal);
        Assert.Contains(ArtifactDigest.Of(content).ToString(), text, StringComparison.Ordinal);
        await host.WaitForExitAsync();
        Assert.Equal(0, host.ExitCode);
        Assert.Equal(1L, await database.ReadAsync<long>("select count(*) from artifacts join artifact_contents using (digest)"));
    }

    [Fact(Timeout = 120_000)]
    public async Task The_host_prints_what_it_runs_on_without_secrets()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var host = await HostProcess.StartAsync(("SUPABASE_DB_URL", database.Direct));
        for (var waited = 0; !host.Output.Contains("engines", StringComparison.Ordinal); waited++)
        {
            Assert.True(waited < 300, host.Output);
            await Task.Delay(100);
        }

        var uri = new Uri(database.Direct);
        Assert.Contains($"records   Supabase PostgreSQL at 127.0.0.1:{uri.Port}/{database.Name}", host.Output, StringComparison.Ordinal);
        Assert.Contains("artifacts with the records", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(uri.UserInfo.Split(':')[1], host.Output, StringComparison.Ordinal);
    }

    // No new connection is taken any more.
    private static async Task WaitClosedAsync(int port)
    {
        for (var attempt = 0; attempt < 500; attempt++)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port);
            }
            catch (SocketException)
            {
                return;
            }

            await Task.Delay(20);
        }

        Assert.Fail("The host still takes connections.");
    }
}
