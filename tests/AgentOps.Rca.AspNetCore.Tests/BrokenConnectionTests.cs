using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>What no HTTP client would send: broken framing, bodies that are too large or too slow, callers that hang up.</summary>
public sealed class BrokenConnectionTests
{
    private const string Span = """{"span_id":"a","tool":"t","start_ts":1,"end_ts":2}""";

    [Theory]
    [InlineData("/traces/spans", "application/json")]
    [InlineData("/incidents", "application/json")]
    [InlineData("/artifacts", "text/plain")]
    public async Task Broken_chunks_are_400(string path, string type)
    {
        await using var host = await StartAsync();

        var answer = await host.SendRawAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n"));

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("urn:agentops-rca:problem:malformed-request", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/traces/spans", "application/json")]
    [InlineData("/incidents", "application/json")]
    [InlineData("/artifacts", "text/plain")]
    public async Task A_body_that_ends_before_its_announced_length_is_400(string path, string type)
    {
        await using var host = await StartAsync();

        var answer = await host.SendRawAsync(
            Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 100\r\n\r\n[{Span}"), halfClose: true);

        // Kestrel may hang up before the answer; what it must not do is take the body for whole.
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), answer);
        Assert.Equal("[]", await host.Client.GetStringAsync("/traces/spans"));
        Assert.Equal("[]", await host.Client.GetStringAsync("/incidents"));
    }

    [Theory]
    [InlineData("/incidents", "application/json")]
    [InlineData("/artifacts", "application/json")]
    [InlineData("/artifacts", "text/plain")]
    [InlineData("/traces/spans", "application/x-ndjson")]
    public async Task A_body_over_the_limit_is_413_whether_its_length_was_announced_or_not(string path, string type)
    {
        await using var host = await StartAsync(options =>
        {
            options.MaxJsonBodyBytes = 2_000;
            options.MaxArtifactBytes = 3_000;
            options.MaxSpansBodyBytes = 3_000;
        });
        var body = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 100).Select(i => Span.Replace("\"a\"", $"\"{i}\"", StringComparison.Ordinal))));
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await host.Client.SendAsync(request);

            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode == 413, $"{(int)response.StatusCode} {text}");
            Assert.Equal("urn:agentops-rca:problem:too-large", JsonElement.Parse(text).GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task A_span_over_the_limit_is_413_and_named()
    {
        await using var host = await StartAsync(options => options.MaxSpanBytes = 1_024);
        var body = $$$"""[{{{Span}}},{"span_id":"b","tool":"t","start_ts":1,"end_ts":2,"attributes":{"x":"{{{new string('x', 300_000)}}}"}}]""";
        using var response = await host.Client.PostAsync("/traces/spans", new StringContent(body, Encoding.UTF8, "application/json"));

        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(413, (int)response.StatusCode);
        Assert.True(problem.GetProperty("errors").TryGetProperty("/1", out _));
        Assert.Equal(1, problem.GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task A_client_that_sends_too_slowly_is_408()
    {
        await using var host = await RcaHost.StartAsync(
            await new InMemoryStoreBackend().CreateAsync(),
            kestrel: server => server.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 10_000, gracePeriod: TimeSpan.FromSeconds(1.1)));

        var answer = await host.SendRawAsync(
            "POST /incidents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("urn:agentops-rca:problem:request-timeout", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_in_the_middle_leaves_a_host_that_works_and_the_batches_before_stored()
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 20; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(host.Address.Host, host.Address.Port);
            var body = string.Join('\n', Enumerable.Range(0, 1_500).Select(n => Span.Replace("\"a\"", $"\"{i}-{n}\"", StringComparison.Ordinal)));
            await socket.SendAsync(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"POST /traces/spans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: 9999999\r\n\r\n{body}")));
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        using var response = await host.Client.GetAsync("/health");
        Assert.True(response.IsSuccessStatusCode);
        using var again = await host.Client.PostAsync("/traces/spans", new StringContent($"[{Span}]", Encoding.UTF8, "application/json"));
        Assert.True(again.IsSuccessStatusCode);
    }

    private static async ValueTask<RcaHost> StartAsync(Action<AgentOpsRcaHttpOptions>? options = null) =>
        await RcaHost.StartAsync(await new InMemoryStoreBackend().CreateAsync(), options: options);
}
