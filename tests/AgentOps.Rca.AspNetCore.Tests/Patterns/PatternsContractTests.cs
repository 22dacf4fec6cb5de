using System.Globalization;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Patterns;

public sealed class InMemoryPatternsContractTests(InMemoryStoreBackend backend) : PatternsContractTests<InMemoryStoreBackend>(backend);

public abstract class PatternsContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    private const string RateLimited = "rate_limited|tool.call/carrier|RateLimited";

    [Fact]
    public async Task A_failure_that_comes_back_is_listed_with_its_count_its_incidents_and_its_times()
    {
        var first = await AnalyzeAsync(RateLimited);
        var second = await AnalyzeAsync(RateLimited);
        await AnalyzeAsync("loop|tool.call/search|repeated_call");

        var pattern = Assert.Single((await GetJsonAsync("/rca/patterns")).EnumerateArray());

        Assert.Equal((RateLimited, 2), (pattern.GetProperty("signature").GetString(), pattern.GetProperty("count").GetInt32()));
        Assert.Equal("rate_limited", pattern.GetProperty("category").GetString());
        Assert.Equal("tool.call/carrier", pattern.GetProperty("tool").GetString());
        Assert.Equal("RateLimited", pattern.GetProperty("error_class").GetString());
        Assert.Equal([second, first], pattern.GetProperty("incidents").EnumerateArray().Select(id => id.GetGuid()));
        Assert.True(pattern.GetProperty("first_seen").GetDateTimeOffset() < pattern.GetProperty("last_seen").GetDateTimeOffset());
        Assert.Empty(pattern.GetProperty("approved").EnumerateArray());
    }

    [Fact]
    public async Task What_was_approved_then_is_shown()
    {
        var first = await AnalyzeAsync(RateLimited);
        using (await PostJsonAsync($"/incidents/{first}/approve", """{"approved_by":"ana","note":"Limit raised."}"""))
        {
            await AnalyzeAsync(RateLimited);
        }

        var approved = Assert.Single((await GetJsonAsync("/rca/patterns"))[0].GetProperty("approved").EnumerateArray());

        Assert.Equal(first, approved.GetProperty("incident_id").GetGuid());
        Assert.Equal("The carrier was slow.", approved.GetProperty("root_cause").GetString());
        Assert.Equal("ana", approved.GetProperty("approved_by").GetString());
        Assert.Equal("Limit raised.", approved.GetProperty("note").GetString());
        Assert.Equal(64, approved.GetProperty("report_digest").GetString()!.Length);
    }

    [Fact]
    public async Task An_incident_counts_once_and_by_its_latest_analysis()
    {
        var incident = await CreateIncidentAsync();
        await AnalyzeAsync(incident, "loop|tool.call/search|repeated_call");
        await AnalyzeAsync(incident, RateLimited);

        var pattern = Assert.Single((await GetJsonAsync("/rca/patterns?min_count=1")).EnumerateArray());

        Assert.Equal((RateLimited, 1), (pattern.GetProperty("signature").GetString(), pattern.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task Pages_go_on_where_the_page_before_ended()
    {
        for (var i = 0; i < 5; i++)
        {
            for (var times = 0; times < 1 + (i % 2); times++)
            {
                await AnalyzeAsync(string.Create(CultureInfo.InvariantCulture, $"loop|tool.call/t{i}|x"));
            }
        }

        List<string> seen = [];
        for (var path = "/rca/patterns?min_count=1&limit=2"; path is not null;)
        {
            using var response = await Client.GetAsync(path);
            var page = await ReadAsync(response, 200);
            Assert.InRange(page.GetArrayLength(), 1, 2);
            seen.AddRange(page.EnumerateArray().Select(pattern => pattern.GetProperty("tool").GetString()!));
            path = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('>')[0].TrimStart('<') : null;
        }

        Assert.Equal(["tool.call/t3", "tool.call/t1", "tool.call/t4", "tool.call/t2", "tool.call/t0"], seen);
    }

    [Fact]
    public async Task Only_the_range_of_time_the_category_and_the_tool_that_are_asked_for_are_counted()
    {
        await AnalyzeAsync(RateLimited);

        Assert.Equal(1, await CountAsync("min_count=1&from=2000-01-01T00:00:00Z"));
        Assert.Equal(0, await CountAsync("min_count=1&to=2000-01-01T00:00:00Z"));
        Assert.Equal(0, await CountAsync("min_count=2"));
        Assert.Equal(1, await CountAsync("min_count=1&category=rate_limited&tool=tool.call/carrier"));
        Assert.Equal(0, await CountAsync("min_count=1&category=loop"));
        Assert.Equal(0, await CountAsync("min_count=1&tool=tool.call/other"));
    }

    [Theory]
    [InlineData("from=yesterday", "from")]
    [InlineData("to=17", "to")]
    [InlineData("from=2026-02-01&to=2026-01-01", "to")]
    [InlineData("min_count=0", "min_count")]
    [InlineData("limit=501", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task A_wrong_parameter_is_named(string query, string name)
    {
        using var response = await Client.GetAsync($"/rca/patterns?{query}");

        await ReadProblemAsync(response, 400, "invalid-parameter", name);
    }

    private async Task<int> CountAsync(string query) => (await GetJsonAsync($"/rca/patterns?{query}")).GetArrayLength();

    private async Task<Guid> AnalyzeAsync(string signature)
    {
        var id = await CreateIncidentAsync();
        await AnalyzeAsync(id, signature);
        return id;
    }

    private async Task AnalyzeAsync(Guid incident, string signature)
    {
        Engine.Signature = signature;
        await Task.Delay(TimeSpan.FromMilliseconds(5));
        await AnalyzeAsync(incident);
    }
}
