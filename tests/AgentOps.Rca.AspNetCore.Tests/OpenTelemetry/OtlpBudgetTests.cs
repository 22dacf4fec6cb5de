using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.OpenTelemetry;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Tests.OpenTelemetry;

public sealed class OtlpBudgetTests
{
    private const int Most = 1024 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bodies_beyond_what_all_may_have_together_are_sent_again_later_and_then_taken(bool isPacked)
    {
        var store = new HeldSpanStore();
        await using var host = await StartAsync(store);
        var first = SendAsync(host, Body(1), isPacked);
        await store.Reached.WaitAsync(Token);

        // Protobuf is answered in protobuf: code = 14 (unavailable), then the message.
        using var proto = new ByteArrayContent(new byte[600_000]);
        proto.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var refused = await host.Client.PostAsync("/v1/logs", proto, Token);
        Assert.Equal((503, "application/x-protobuf"), ((int)refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.Equal([8, 14], (await refused.Content.ReadAsByteArrayAsync(Token))[..2]);
        using var second = await SendAsync(host, Body(2), isPacked);
        Assert.Equal((503, TimeSpan.FromSeconds(1)), ((int)second.StatusCode, second.Headers.RetryAfter?.Delta));
        Assert.Equal(14, JsonElement.Parse(await second.Content.ReadAsStringAsync(Token)).GetProperty("code").GetInt32());

        store.Release();
        using var taken = await first;
        Assert.Equal(200, (int)taken.StatusCode);
        await GivenBackAsync(host);
        using var repeated = await SendAsync(host, Body(2), isPacked);
        Assert.Equal(200, (int)repeated.StatusCode);
        Assert.Equal(2, await host.Services.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery(), Token).CountAsync(Token));
        await GivenBackAsync(host);
    }

    [Fact]
    public async Task What_a_refused_or_broken_request_took_is_given_back()
    {
        await using var host = await StartAsync(new InMemorySpanStore());
        using var malformed = await SendAsync(host, [(byte)'{', .. Enumerable.Repeat((byte)' ', 500_000)], isPacked: false);
        Assert.Equal(400, (int)malformed.StatusCode);
        using var large = await SendAsync(host, [.. Enumerable.Repeat((byte)' ', Most + 1)], isPacked: true);
        Assert.Equal(413, (int)large.StatusCode);
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(host.Address.Host, host.Address.Port, Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{"), Token);
            await UntilAsync(host, static taken => taken > 0);
        }

        await GivenBackAsync(host);
        using var response = await SendAsync(host, Body(1), isPacked: false);
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task Less_for_all_bodies_than_for_one_is_refused_at_the_start()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(
            async () => await RcaHost.StartAsync(options: options => options.MaxOtlpBytesInFlight = options.MaxOtlpBodyBytes - 1));
        Assert.Contains(nameof(AgentOpsRcaHttpOptions.MaxOtlpBytesInFlight), refused.Message, StringComparison.Ordinal);
    }

    private static ValueTask<RcaHost> StartAsync(ISpanStore store) => RcaHost.StartAsync(
        services: services => services.AddSingleton(store),
        options: options => (options.MaxOtlpBodyBytes, options.MaxOtlpBytesInFlight) = (Most, Most));

    private static Task GivenBackAsync(RcaHost host) => UntilAsync(host, static taken => taken == 0);

    // The answer is out before the request's memory is given back.
    private static async Task UntilAsync(RcaHost host, Func<long, bool> isSo)
    {
        var budget = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<OtlpBudget>()).OfType<OtlpBudget>().Distinct().Single();
        while (!isSo(budget.Taken))
        {
            await Task.Delay(10, Token);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(RcaHost host, byte[] body, bool isPacked)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(body, Token);
        }

        using var content = new ByteArrayContent(isPacked ? packed.ToArray() : body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (isPacked)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        return await host.Client.PostAsync("/v1/traces", content, Token);
    }

    // More than half of what all may have.
    private static byte[] Body(int number) => Encoding.UTF8.GetBytes(
        $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"ab0000000000000{{{number}}}","name":"n","startTimeUnixNano":"1767225600123456789","endTimeUnixNano":"1767225601123456789","attributes":[{"key":"x","value":{"stringValue":"{{{new string('x', 600_000)}}}"}}]}]}]}]}""");

    /// <summary>Holds what is written until it is released.</summary>
    private sealed class HeldSpanStore : ISpanStore
    {
        private readonly InMemorySpanStore _spans = new();
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Release() => _released.SetResult();

        public async ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default)
        {
            _reached.TrySetResult();
            await _released.Task.WaitAsync(cancellationToken);
            return await _spans.AddAsync(spans, cancellationToken);
        }

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => _spans.GetAsync(spanId, cancellationToken);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => _spans.ListAsync(query, cancellationToken);
    }
}
