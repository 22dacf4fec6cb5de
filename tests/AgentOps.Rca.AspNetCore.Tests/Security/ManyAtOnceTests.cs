using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Requests;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

/// <summary>Requests that bring and read records are bounded in number and in memory, over real connections.</summary>
public sealed class ManyAtOnceTests
{
    [Fact]
    public async Task Beyond_what_waits_intake_is_429_and_what_waits_is_taken()
    {
        await using var host = await RcaHost.StartAsync(options: options => options.MaxIntakeAtOnce = 1);
        await using var slow = await SlowBody.BeginAsync(host, "/artifacts", "text/plain", length: 100, sent: 50);
        await UntilAsync(async () => (await PostAsync(host, "/incidents", """{"problem_type":"late"}""", wait: TimeSpan.FromMilliseconds(300))) is null);
        var others = Enumerable.Range(0, 6).Select(_ => host.Client.PostAsync(new Uri("/incidents", UriKind.Relative), Json("""{"problem_type":"late"}"""))).ToList();
        while (others.Count(other => other.IsCompleted) < 3)
        {
            await Task.Delay(10);
        }

        Assert.All(others.Where(other => other.IsCompleted).ToList(), other => AssertLater(HttpStatusCode.TooManyRequests, other.Result));
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync(new Uri("/incidents", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Created, await slow.EndAsync());
        Assert.All((await Task.WhenAll(others)).Where(answer => answer.StatusCode != HttpStatusCode.TooManyRequests), answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
    }

    [Fact]
    public async Task Who_reads_slowly_keeps_others_from_reading_no_longer_than_there_is_place_and_health_is_answered()
    {
        await using var host = await RcaHost.StartAsync(options: options => options.MaxReadsAtOnce = 1);
        using var large = await host.Client.PostAsync(new Uri("/artifacts", UriKind.Relative), new ByteArrayContent(new byte[32 * 1024 * 1024]));
        var digest = JsonElement.Parse(await large.Content.ReadAsStringAsync()).GetProperty("digest").GetString();
        var held = await host.Client.GetAsync(new Uri($"/artifacts/{digest}/content", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        var others = Enumerable.Range(0, 6).Select(_ => host.Client.GetAsync(new Uri("/incidents", UriKind.Relative))).ToList();
        while (others.Count(other => other.IsCompleted) < 3)
        {
            await Task.Delay(10);
        }

        Assert.All(others.Where(other => other.IsCompleted).ToList(), other => AssertLater(HttpStatusCode.TooManyRequests, other.Result));
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync(new Uri("/health", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync(new Uri("/rca/session", UriKind.Relative))).StatusCode);
        held.Dispose();
        Assert.Equal(3, (await Task.WhenAll(others)).Count(answer => answer.StatusCode == HttpStatusCode.OK));
    }

    [Fact]
    public async Task Bodies_beyond_the_memory_that_all_may_take_are_503_and_taken_later_and_small_ones_always()
    {
        await using var host = await RcaHost.StartAsync(options: options => (options.MaxJsonBodyBytes, options.MaxBytesInFlight) = (1024 * 1024, 1));
        var body = $$$"""{"problem_type":"late","details":{"x":"{{{new string('x', 900_000)}}}"}}""";
        await using var slow = await SlowBody.BeginAsync(host, "/incidents", "application/json", body.Length, sent: 10);
        await UntilAsync(() => Task.FromResult(BudgetOf(host).Taken > 0));

        using var refused = await host.Client.PostAsync(new Uri("/incidents", UriKind.Relative), Json(body));
        AssertLater(HttpStatusCode.ServiceUnavailable, refused);
        Assert.Contains("urn:agentops-rca:problem:busy", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var small = await host.Client.PostAsync(new Uri("/incidents", UriKind.Relative), Json("""{"problem_type":"late"}"""));
        Assert.Equal(HttpStatusCode.Created, small.StatusCode);
        await slow.DisposeAsync();
        await UntilAsync(() => Task.FromResult(BudgetOf(host).Taken == 0));
        using var taken = await host.Client.PostAsync(new Uri("/incidents", UriKind.Relative), Json(body));
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
    }

    [Fact]
    public async Task Who_sends_a_refused_body_for_longer_than_the_server_reads_on_by_itself_still_reads_the_answer()
    {
        await using var host = await RcaHost.StartAsync(
            options: options => (options.MaxJsonBodyBytes, options.MaxBytesInFlight) = (1024 * 1024, 1),
            kestrel: server => server.Limits.MinRequestBodyDataRate = null);
        await using var slow = await SlowBody.BeginAsync(host, "/incidents", "application/json", length: 900_000, sent: 10);
        await UntilAsync(() => Task.FromResult(BudgetOf(host).Taken > 0));
        var taken = BudgetOf(host).Taken;
        await using var refused = await SlowBody.BeginAsync(host, "/incidents", "application/json", length: 1_000_000, sent: 10);
        await Task.Delay(TimeSpan.FromSeconds(6));

        Assert.Equal(taken, BudgetOf(host).Taken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await refused.EndAsync());
    }

    [Fact]
    public async Task A_page_ends_where_its_memory_does_and_the_next_goes_on()
    {
        await using var host = await RcaHost.StartAsync(options: options => (options.MaxJsonBodyBytes, options.MaxBytesInFlight) = (1024 * 1024, 1));
        for (var n = 0; n < 5; n++)
        {
            using var created = await host.Client.PostAsync(
                new Uri("/incidents", UriKind.Relative), Json($$$"""{"problem_type":"late","order_id":"o-{{{n}}}","details":{"x":"{{{new string('x', 900_000)}}}"}}"""));
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        }

        List<string> orders = [];
        var pages = 0;
        for (var next = (string?)"/incidents"; next is not null; pages++)
        {
            using var page = await host.Client.GetAsync(new Uri(next, UriKind.RelativeOrAbsolute));
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            orders.AddRange(JsonElement.Parse(await page.Content.ReadAsStringAsync()).EnumerateArray().Select(incident => incident.GetProperty("order_id").GetString()!));
            next = page.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        Assert.Equal(["o-4", "o-3", "o-2", "o-1", "o-0"], orders);
        Assert.Equal(5, pages);
    }

    [Fact]
    public async Task Nobody_takes_all_of_the_memory_while_others_have_some_and_alone_one_may()
    {
        var budget = new MemoryBudget(1_000_000);
        using var alone = budget.Open("a");
        Assert.True(alone.TryGrowTo(1_000_000));
        alone.Dispose();
        using var other = budget.Open("b");
        Assert.True(other.TryGrowTo(100_000));
        using var first = budget.Open("a");
        Assert.True(first.TryGrowTo(700_000));
        using var second = budget.Open("a");
        Assert.False(second.TryGrowTo(100_000));
        using var third = budget.Open("c");
        Assert.True(third.TryGrowTo(100_000));
        Assert.Equal(900_000, budget.Taken);
        other.Dispose();
        first.Dispose();
        third.Dispose();
        Assert.True(second.TryGrowTo(2_000_000));
        Assert.True(second.TryGrowTo(3_000_000));
        Assert.False(third.TryGrowTo(100_000));
        await using var host = await RcaHost.StartAsync(options: options => (options.MaxBytesInFlight, options.MaxIntakeAtOnce, options.MaxReadsAtOnce) = (0, 0, 0));
        Assert.True(BudgetOf(host).Open("a").TryGrowTo(long.MaxValue));
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync(new Uri("/incidents", UriKind.Relative))).StatusCode);
    }

    private static MemoryBudget BudgetOf(RcaHost host) =>
        host.Services.GetRequiredService<EndpointDataSource>().Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<MemoryBudget>()).OfType<MemoryBudget>().Distinct().Single();

    private static void AssertLater(HttpStatusCode status, HttpResponseMessage answer)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<HttpStatusCode?> PostAsync(RcaHost host, string path, string json, TimeSpan wait)
    {
        using var patience = new CancellationTokenSource(wait);
        try
        {
            using var answer = await host.Client.PostAsync(new Uri(path, UriKind.Relative), Json(json), patience.Token);
            return answer.StatusCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var n = 0; !await isSo(); n++)
        {
            Assert.True(n < 1_000);
            await Task.Delay(10);
        }
    }

    /// <summary>A request whose body comes in part.</summary>
    private sealed class SlowBody(Socket socket, int left) : IAsyncDisposable
    {
        public static async Task<SlowBody> BeginAsync(RcaHost host, string path, string type, int length, int sent)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(host.Address.Host, host.Address.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n{new string(' ', sent)}"));
            return new SlowBody(socket, length - sent);
        }

        public async Task<HttpStatusCode> EndAsync()
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(new string(' ', left)));
            var buffer = new byte[4_096];
            var read = await socket.ReceiveAsync(buffer);
            return (HttpStatusCode)int.Parse(Encoding.ASCII.GetString(buffer, 0, read).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
