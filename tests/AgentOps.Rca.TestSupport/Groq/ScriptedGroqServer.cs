using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Testing.Groq;

/// <summary>
/// A server on a real socket that speaks Groq's protocol as its script says, faults included: it answers the queued replies in order,
/// then whatever <see cref="Respond"/> makes. It keeps every request it read.
/// </summary>
public sealed class ScriptedGroqServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Queue<ScriptedGroqReply> _script = new();
    private readonly List<ScriptedGroqRequest> _requests = [];
    private readonly Task _accepting;

    private ScriptedGroqServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The address to give as the API's endpoint.</summary>
    public Uri Endpoint => new(string.Create(
        CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/openai/v1/"));

    /// <summary>Answers what the queue has no reply for.</summary>
    public Func<ScriptedGroqRequest, ScriptedGroqReply> Respond { get; set; } =
        static _ => ScriptedGroqReply.Error(500, "script_ended", "The script has no reply for this request.");

    /// <summary>What was asked, in the order of arrival.</summary>
    public IReadOnlyList<ScriptedGroqRequest> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    public static ScriptedGroqServer Start() => new();

    /// <summary>Queues replies.</summary>
    public ScriptedGroqServer Enqueue(params ReadOnlySpan<ScriptedGroqReply> replies)
    {
        lock (_gate)
        {
            foreach (var reply in replies)
            {
                _script.Enqueue(reply);
            }
        }

        return this;
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
        var connections = new List<Task>();
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }

        await Task.WhenAll(connections);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (await ReadRequestAsync(client.GetStream(), _stop.Token) is { } request)
                {
                    ScriptedGroqReply reply;
                    lock (_gate)
                    {
                        _requests.Add(request);
                        reply = _script.TryDequeue(out var scripted) ? scripted : Respond(request);
                    }

                    await reply.PlayAsync(client, _stop.Token);
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // The client went away, as some tests want it to.
            }
        }
    }

    private static async Task<ScriptedGroqRequest?> ReadRequestAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var read = new List<byte>();
        var one = new byte[1];
        while (!EndsHead(read))
        {
            if (await stream.ReadAsync(one, cancellationToken) == 0)
            {
                return null;
            }

            read.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. read]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(
            pair => pair[0], pair => pair.ElementAtOrDefault(1) ?? "", StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, cancellationToken);
        var start = lines[0].Split(' ');
        return new ScriptedGroqRequest(start[0], start[1], headers, body);
    }

    private static bool EndsHead(List<byte> read) => read.Count >= 4 && read[^4] == '\r' && read[^3] == '\n' && read[^2] == '\r' && read[^1] == '\n';
}

/// <summary>A request as it arrived.</summary>
public sealed record ScriptedGroqRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>The model that was asked for.</summary>
    public string? Model => Json.GetProperty("model").GetString();

    /// <summary>The texts of all messages, one after the other.</summary>
    public string Prompt => string.Join("\n", Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()));
}
