using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>
/// A TCP proxy in front of PostgreSQL that knows where a statement begins and where its reply ends, and can hold both. Everything else
/// passes through.
/// </summary>
internal sealed class StatementProxy : IAsyncDisposable
{
    // ReadyForQuery: the last message of every reply; its payload is one byte.
    private static readonly byte[] ReadyForQuery = [(byte)'Z', 0, 0, 0, 5];

    // CopyInResponse: the server waits for rows.
    private const byte CopyIn = (byte)'G';

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _target;
    private readonly Task _accepting;
    private Interception? _armed;

    public StatementProxy(string target)
    {
        _target = new Uri(target);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The connection string with the proxy in the server's place.</summary>
    public string Address => new UriBuilder(_target) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri.ToString();

    /// <summary>The next statement that contains this text is intercepted, once.</summary>
    public Task Arm(string text, Func<Task>? before = null, Func<byte[], Task<int>>? after = null)
    {
        var interception = new Interception(Encoding.UTF8.GetBytes(text), before, after);
        _armed = interception;
        return interception.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                client.NoDelay = true;
                server.NoDelay = true;
                await server.ConnectAsync(_target.Host, _target.Port, _stop.Token);
                var connection = new Connection();
                await Task.WhenAny(ForwardAsync(client, server, connection), ReturnAsync(client, server, connection));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or InvalidOperationException)
            {
            }
        }
    }

    private async Task ForwardAsync(TcpClient client, TcpClient server, Connection connection)
    {
        var buffer = new byte[1 << 16];
        var seen = new List<byte>();
        while (await client.GetStream().ReadAsync(buffer, _stop.Token) is var read and > 0)
        {
            if (_armed is { } armed && connection.Held is null)
            {
                seen.AddRange(buffer.AsSpan(0, read));
                if (seen.ToArray().AsSpan().IndexOf(armed.Text) >= 0 && Interlocked.CompareExchange(ref _armed, null, armed) == armed)
                {
                    if (armed.Before is { } before)
                    {
                        await before();
                        armed.Done.TrySetResult();
                        Cut(client);
                        return;
                    }

                    connection.Held = armed;
                }
                else if (seen.Count > 4096)
                {
                    seen.RemoveRange(0, seen.Count - 200);
                }
            }

            await server.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    private async Task ReturnAsync(TcpClient client, TcpClient server, Connection connection)
    {
        var buffer = new byte[1 << 16];
        var reply = new List<byte>();
        while (await server.GetStream().ReadAsync(buffer, _stop.Token) is var read and > 0)
        {
            if (connection.Held is not { } held)
            {
                await client.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                continue;
            }

            reply.AddRange(buffer.AsSpan(0, read));
            if (reply[0] == CopyIn)
            {
                // A COPY has only begun; what it is given follows.
                await client.GetStream().WriteAsync(reply.ToArray(), _stop.Token);
                reply.Clear();
                continue;
            }

            // The whole reply has come, so the statement has been committed.
            if (reply.Count >= 6 && reply.GetRange(reply.Count - 6, 5).SequenceEqual(ReadyForQuery))
            {
                var keep = await held.After!([.. reply]);
                // Whoever was killed in the meantime has closed this connection already.
                held.Done.TrySetResult();
                await client.GetStream().WriteAsync(reply.ToArray().AsMemory(0, keep), _stop.Token);
                Cut(client);
                return;
            }
        }
    }

    private static void Cut(TcpClient client)
    {
        // Half of the cuts are resets, as a proxy that dies makes them; the others look like an orderly end.
        client.LingerState = new LingerOption(enable: Random.Shared.Next(2) == 0, seconds: 0);
        client.Close();
    }

    private sealed class Connection
    {
        public Interception? Held { get; set; }
    }

    private sealed record Interception(byte[] Text, Func<Task>? Before, Func<byte[], Task<int>>? After)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
