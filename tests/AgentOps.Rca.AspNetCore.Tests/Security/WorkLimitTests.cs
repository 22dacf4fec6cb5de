using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

public sealed class WorkLimitTests
{
    [Fact]
    public async Task Beyond_what_waits_heavy_work_is_429_with_when_to_try_again_and_health_is_answered_meanwhile()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var engine = new ScriptedEngine
        {
            Work = _ =>
            {
                asked.TrySetResult();
                return goOn.Task;
            },
        };
        await using var host = await RcaHost.StartAsync(options: options => (options.MaxWorkAtOnce, options.MaxWorkWaiting) = (1, 2), engine: engine);
        using var opened = await PostAsync(host, "/incidents", """{"problem_type":"late"}""");
        var body = $$"""{"incident_id":"{{JsonElement.Parse(await opened.Content.ReadAsStringAsync()).GetProperty("id").GetString()}}"}""";
        var first = PostAsync(host, "/rca/analyze", body);
        await asked.Task;
        var others = Enumerable.Range(0, 5).Select(_ => PostAsync(host, "/rca/analyze", body)).ToList();
        while (others.Count(other => other.IsCompleted) < 3)
        {
            await Task.Delay(10);
        }

        Assert.All(others.Where(other => other.IsCompleted).ToList(), other =>
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, other.Result.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(10), other.Result.Headers.RetryAfter!.Delta);
        });
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync(new Uri("/health", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(host, "/replay/strict", body)).StatusCode);
        goOn.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Equal(2, (await Task.WhenAll(others)).Count(answer => answer.StatusCode == HttpStatusCode.OK));
    }

    [Fact]
    public async Task Who_asks_for_much_keeps_no_place_from_others_and_their_first_comes_before_its_next()
    {
        var order = new System.Collections.Concurrent.ConcurrentQueue<Guid>();
        var turns = new SemaphoreSlim(0);
        var engine = new ScriptedEngine
        {
            Begins = order.Enqueue,
            Work = turns.WaitAsync,
        };
        var greedy = CallerKey.Create("greedy", [CallerScopes.Admin], null, out var greedySecret);
        var modest = CallerKey.Create("modest", [CallerScopes.Admin], null, out var modestSecret);
        await using var host = await RcaHost.StartAsync(
            services: services => services.Configure<AgentOpsRcaOptions>(value => value.Keys = $"{greedy};{modest}"),
            options: options => (options.MaxWorkAtOnce, options.MaxWorkWaiting) = (1, 8),
            engine: engine);
        using var greedyClient = host.NewClient();
        greedyClient.DefaultRequestHeaders.Add("X-Api-Key", greedySecret);
        using var modestClient = host.NewClient();
        modestClient.DefaultRequestHeaders.Add("X-Api-Key", modestSecret);
        List<Task<HttpResponseMessage>> greedyOnes = [];
        for (var n = 0; n < 12; n++)
        {
            greedyOnes.Add(AnalyzeAsync(greedyClient, await OpenAsync(greedyClient)));
            await Task.Delay(20);
        }

        while (greedyOnes.Count(one => one.IsCompleted) < 5)
        {
            await Task.Delay(10);
        }

        // One is worked on, six wait, and the others are told that it is this caller's share.
        foreach (var one in greedyOnes.Where(one => one.IsCompleted).ToList())
        {
            var refused = await one;
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Contains("by this caller", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var modestId = await OpenAsync(modestClient);
        var modestOne = AnalyzeAsync(modestClient, modestId);
        await Task.Delay(200);
        turns.Release(100);
        Assert.Equal(HttpStatusCode.OK, (await modestOne).StatusCode);
        await Task.WhenAll(greedyOnes);
        Assert.Equal(modestId, order.ElementAt(1));
        Assert.Equal(8, order.Count);
    }

    [Fact]
    public async Task Equal_requests_share_one_analysis_and_different_ones_wait_for_it()
    {
        var runs = 0;
        var atOnce = 0;
        var most = 0;
        var turns = new SemaphoreSlim(0);
        var engine = new ScriptedEngine
        {
            Work = async cancellationToken =>
            {
                Interlocked.Increment(ref runs);
                most = Math.Max(most, Interlocked.Increment(ref atOnce));
                await turns.WaitAsync(cancellationToken);
                Interlocked.Decrement(ref atOnce);
            },
        };
        await using var host = await RcaHost.StartAsync(options: options => (options.MaxWorkAtOnce, options.MaxWorkWaiting) = (16, 16), engine: engine);
        var id = await OpenAsync(host.Client);
        var equal = Enumerable.Range(0, 5).Select(_ => AnalyzeAsync(host.Client, id)).ToList();
        while (Volatile.Read(ref runs) == 0)
        {
            await Task.Delay(10);
        }

        var different = PostAsync(host, "/rca/analyze", $$"""{"incident_id":"{{id}}","requested_by":"somebody else"}""");
        await Task.Delay(300);
        Assert.Equal(1, Volatile.Read(ref runs));
        turns.Release(100);
        var answers = await Task.WhenAll(equal);

        Assert.Equal(HttpStatusCode.OK, (await different).StatusCode);
        Assert.Single((await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsStringAsync()))).Distinct());
        Assert.Equal(2, runs);
        Assert.Equal(1, most);
        var spans = JsonElement.Parse(await host.Client.GetStringAsync(new Uri($"/traces/spans?incident_id={id}", UriKind.Relative)));
        Assert.Equal(2, (spans.ValueKind == JsonValueKind.Array ? spans : spans.GetProperty("spans")).EnumerateArray().Count(span => span.GetProperty("tool").GetString()!.StartsWith("rca.analyze/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_shared_analysis_goes_on_when_one_of_its_callers_leaves_and_ends_when_all_have()
    {
        var runs = 0;
        var ended = 0;
        var turns = new SemaphoreSlim(0);
        var engine = new ScriptedEngine
        {
            Work = async cancellationToken =>
            {
                Interlocked.Increment(ref runs);
                await using var registration = cancellationToken.Register(() => Interlocked.Increment(ref ended));
                await turns.WaitAsync(cancellationToken);
            },
        };
        await using var host = await RcaHost.StartAsync(options: options => (options.MaxWorkAtOnce, options.MaxWorkWaiting) = (16, 16), engine: engine);
        var id = await OpenAsync(host.Client);
        using var leaving = new CancellationTokenSource();
        var first = AnalyzeAsync(host.Client, id, leaving.Token);
        await UntilAsync(() => Volatile.Read(ref runs) == 1);
        var second = AnalyzeAsync(host.Client, id);
        await Task.Delay(300);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Task.Delay(300);
        Assert.Equal((1, 0), (Volatile.Read(ref runs), Volatile.Read(ref ended)));
        turns.Release();
        Assert.Equal(HttpStatusCode.OK, (await second).StatusCode);
        Assert.Equal(1, runs);

        using var both = new CancellationTokenSource();
        var other = await OpenAsync(host.Client);
        var (third, fourth) = (AnalyzeAsync(host.Client, other, both.Token), AnalyzeAsync(host.Client, other, both.Token));
        await UntilAsync(() => Volatile.Read(ref runs) == 2);
        await Task.Delay(300);
        await both.CancelAsync();
        await UntilAsync(() => Volatile.Read(ref ended) == 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var n = 0; !isSo(); n++)
        {
            Assert.True(n < 1_000);
            await Task.Delay(10);
        }
    }

    private static async Task<Guid> OpenAsync(HttpClient client)
    {
        using var opened = await client.PostAsync(
            new Uri("/incidents", UriKind.Relative), new StringContent("""{"problem_type":"late"}""", Encoding.UTF8, "application/json"));
        return JsonElement.Parse(await opened.Content.ReadAsStringAsync()).GetProperty("id").GetGuid();
    }

    private static Task<HttpResponseMessage> AnalyzeAsync(HttpClient client, Guid id, CancellationToken cancellationToken = default) => client.PostAsync(
        new Uri("/rca/analyze", UriKind.Relative), new StringContent($$"""{"incident_id":"{{id}}"}""", Encoding.UTF8, "application/json"), cancellationToken);

    private static Task<HttpResponseMessage> PostAsync(RcaHost host, string path, string json) =>
        host.Client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"));
}
