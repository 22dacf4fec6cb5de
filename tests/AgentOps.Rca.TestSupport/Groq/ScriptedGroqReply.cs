using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Testing.Groq;

/// <summary>What the scripted server does with one request.</summary>
public sealed class ScriptedGroqReply
{
    private readonly Func<TcpClient, CancellationToken, Task> _play;

    private ScriptedGroqReply(Func<TcpClient, CancellationToken, Task> play) => _play = play;

    /// <summary>A completion whose answer is this text.</summary>
    /// <param name="answer">The model's answer.</param>
    /// <param name="model">The model that answered.</param>
    /// <param name="usage">The usage as JSON; null leaves it out.</param>
    /// <param name="finishReason">Why the model stopped.</param>
    public static ScriptedGroqReply Completion(
        string answer,
        string model = "openai/gpt-oss-120b",
        string? usage = """{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"queue_time":0.01,"total_time":0.2}""",
        string finishReason = "stop") =>
        Body(200, $$$"""
            {"id":"chatcmpl-1","object":"chat.completion","created":1790000000,"model":{{{Text(model)}}},"system_fingerprint":"fp_1",
            "choices":[{"index":0,"message":{"role":"assistant","content":{{{Text(answer)}}}},"logprobs":null,"finish_reason":{{{Text(finishReason)}}}}],
            {{{Member("usage", usage)}}}"x_groq":{"id":"req_1"}}
            """);

    /// <summary>An error in Groq's form.</summary>
    public static ScriptedGroqReply Error(int status, string? code, string message, params ReadOnlySpan<string> headers) =>
        Body(
            status,
            $$$"""{"error":{ {{{Member("code", code is null ? null : Text(code))}}}"message":{{{Text(message)}}},"type":"invalid_request_error"}}""",
            "application/json",
            headers);

    /// <summary>Any status and body.</summary>
    public static ScriptedGroqReply Body(int status, string body, string contentType = "application/json", params ReadOnlySpan<string> headers)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return Raw([.. Head(status, contentType, [string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes.Length}"), .. headers]), .. bytes]);
    }

    /// <summary>A stream of these bytes, ended by closing the connection after <paramref name="cutAt"/> of them.</summary>
    public static ScriptedGroqReply Stream(string events, int? cutAt = null) =>
        Raw([.. Head(200, "text/event-stream", []), .. Encoding.UTF8.GetBytes(events).AsSpan(0, cutAt ?? Encoding.UTF8.GetByteCount(events))]);

    /// <summary>A whole stream of an answer, a word a chunk, with its usage at the end.</summary>
    public static ScriptedGroqReply Stream(IEnumerable<string> words, string usage = """{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}""") =>
        Stream(StreamOf(words, usage));

    /// <summary>The bytes of a whole stream.</summary>
    public static string StreamOf(IEnumerable<string> words, string usage)
    {
        var text = new StringBuilder();
        foreach (var word in words)
        {
            text.Append("data: ").Append(Chunk($$"""{"content":{{Text(word)}}}""", "null", "")).Append("\n\n");
        }

        text.Append("data: ").Append(Chunk("{}", "\"stop\"", $$""","x_groq":{"id":"req_1","usage":{{usage}}}""")).Append("\n\n");
        return text.Append("data: [DONE]\n\n").ToString();
    }

    /// <summary>A redirect.</summary>
    public static ScriptedGroqReply Redirect(Uri target, int status = 307)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Body(status, "", "text/plain", $"Location: {target.AbsoluteUri}");
    }

    /// <summary>These bytes, then the connection is closed.</summary>
    public static ScriptedGroqReply Raw(byte[] bytes) => new(async (client, cancellationToken) =>
    {
        await client.GetStream().WriteAsync(bytes, cancellationToken);
        client.Client.Shutdown(SocketShutdown.Send);
    });

    /// <summary>These bytes, then the connection is reset.</summary>
    public static ScriptedGroqReply Reset(string bytes = "") => new(async (client, cancellationToken) =>
    {
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(bytes), cancellationToken);
        await Task.Delay(20, cancellationToken);

        // Closed below the stream, whose own end would be an orderly one.
        client.Client.LingerState = new LingerOption(true, 0);
        client.Client.Dispose();
    });

    /// <summary>These bytes, then nothing until the client or the server goes away.</summary>
    /// <param name="bytes">What is sent.</param>
    /// <param name="clientGone">Completed when it is the client that went away; null when nobody asks.</param>
    public static ScriptedGroqReply Stall(string bytes = "", TaskCompletionSource? clientGone = null) => new(async (client, cancellationToken) =>
    {
        try
        {
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(bytes), cancellationToken);
            await client.GetStream().CopyToAsync(System.IO.Stream.Null, cancellationToken);
        }
        finally
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                clientGone?.TrySetResult();
            }
        }
    });

    /// <summary>A body of spaces, sent in chunks of unannounced number or with its length announced.</summary>
    public static ScriptedGroqReply Huge(long bytes, bool announced, string contentType = "application/json") => new(async (client, cancellationToken) =>
    {
        var stream = client.GetStream();
        string[] headers = announced ? [string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes}")] : [];
        await stream.WriteAsync(Head(200, contentType, headers), cancellationToken);
        var block = new byte[64 * 1024];
        block.AsSpan().Fill((byte)' ');
        for (var sent = 0L; sent < bytes; sent += block.Length)
        {
            await stream.WriteAsync(block, cancellationToken);
        }
    });

    /// <summary>The head of a reply with this status, as text, for replies that break off.</summary>
    public static string HeadText(int status, string contentType, params ReadOnlySpan<string> headers) =>
        Encoding.ASCII.GetString(Head(status, contentType, headers));

    internal Task PlayAsync(TcpClient client, CancellationToken cancellationToken) => _play(client, cancellationToken);

    private static byte[] Head(int status, string contentType, ReadOnlySpan<string> headers)
    {
        var text = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Scripted\r\nContent-Type: {contentType}\r\nConnection: close\r\n"));
        foreach (var header in headers)
        {
            text.Append(header).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }

    private static string Chunk(string delta, string finishReason, string rest) =>
        $$"""{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"openai/gpt-oss-120b","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finishReason}}}]{{rest}}}""";

    private static string Member(string name, string? json) => json is null ? "" : $"\"{name}\":{json},";

    private static string Text(string value) => $"\"{JsonEncodedText.Encode(value)}\"";
}
