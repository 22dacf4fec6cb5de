using System.Net.Http.Headers;
using System.Text.Json;

namespace AgentOps.Rca.AspNetCore.Tests;

public sealed class MalformedRequestTests(MalformedRequestTests.Shared shared) : IClassFixture<MalformedRequestTests.Shared>
{
    public static TheoryData<int> Rows => [.. Enumerable.Range(0, MalformedRequests.All.Count())];

    [Fact]
    public void There_are_at_least_150_of_them_and_none_twice()
    {
        var all = MalformedRequests.All.Select(request => request.ToString() + Convert.ToHexString(request.Body)).ToList();

        Assert.True(all.Count >= 150, $"{all.Count}");
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_malformed_request_is_answered_with_a_problem_that_names_the_place(int row)
    {
        var wrong = MalformedRequests.All.ElementAt(row);
        using var request = new HttpRequestMessage(new HttpMethod(wrong.Method), wrong.Path);
        if (wrong.Body.Length > 0 || wrong.Type is not null)
        {
            request.Content = new ByteArrayContent(wrong.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", wrong.Type);
        }

        foreach (var (name, value) in wrong.Headers)
        {
            _ = request.Headers.TryAddWithoutValidation(name, value) || request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await shared.Host.Client.SendAsync(request);

        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == wrong.Status, $"{wrong}\n{(int)response.StatusCode} {text}");
        Assert.Equal(MediaTypeHeaderValue.Parse("application/problem+json"), response.Content.Headers.ContentType);
        var problem = JsonElement.Parse(text);
        Assert.StartsWith("urn:agentops-rca:problem:", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.Equal(wrong.Status, problem.GetProperty("status").GetInt32());
        if (wrong.Place is not null)
        {
            Assert.True(problem.TryGetProperty("errors", out var errors) && errors.TryGetProperty(wrong.Place, out _), $"{wrong}\n{text}");
        }
    }

    public sealed class Shared : IAsyncLifetime
    {
        public RcaHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Host = await RcaHost.StartAsync(
            await new InMemoryStoreBackend().CreateAsync(), options: options => options.DescribeInHost = true);

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
