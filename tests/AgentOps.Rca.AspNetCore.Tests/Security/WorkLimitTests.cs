using System.Net;
using System.Text;
using System.Text.Json;

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

    private static Task<HttpResponseMessage> PostAsync(RcaHost host, string path, string json) =>
        host.Client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"));
}
