using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Reading;

public sealed class InMemoryOverviewContractTests(InMemoryStoreBackend backend) : OverviewContractTests<InMemoryStoreBackend>(backend);

public abstract class OverviewContractTests<TBackend>(TBackend backend) : ReadingContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    private const string RateLimited = "rate_limited|tool.call/carrier|RateLimited";

    [Fact]
    public async Task A_row_says_what_went_wrong_how_sure_that_is_and_what_was_decided()
    {
        var id = await CreateIncidentAsync("A-7");
        Engine.Signature = RateLimited;
        var report = await AnalyzeAsync(id);
        using (await PostJsonAsync($"/incidents/{id}/approve", """{"approved_by":"ana","note":"Limit raised."}"""))
        {
        }

        var row = Assert.Single((await GetJsonAsync("/incidents?view=overview")).EnumerateArray());

        Assert.Equal((id, "A-7", "late_delivery", "approved"), (row.GetProperty("id").GetGuid(), Text(row, "order_id"), Text(row, "problem_type"), Text(row, "status")));
        Assert.Equal(("identified", "The carrier was slow.", "rate_limited", "tool.call/carrier"), (Text(row, "verdict"), Text(row, "cause"), Text(row, "category"), Text(row, "tool")));
        Assert.Equal((0.75, "scripted", 1), (row.GetProperty("confidence").GetDouble(), Text(row, "engine"), row.GetProperty("analysis_count").GetInt32()));
        Assert.Equal(Text(report, "report_digest"), Text(row, "report_digest"));
        Assert.InRange(row.GetProperty("age_seconds").GetDouble(), 0, 600);
        var decision = row.GetProperty("decision");
        Assert.Equal(("approved", "ana", "Limit raised.", false), (Text(decision, "status"), Text(decision, "by"), Text(decision, "note"), decision.GetProperty("stale").GetBoolean()));
        Assert.Equal((RateLimited, 1), (Text(row.GetProperty("recurrence"), "signature"), row.GetProperty("recurrence").GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task What_is_not_known_is_null_and_nothing_else()
    {
        await CreateIncidentAsync();

        var row = Assert.Single((await GetJsonAsync("/incidents?view=overview")).EnumerateArray());

        Assert.All(
            ["verdict", "cause", "category", "tool", "confidence", "engine", "report_digest", "analyzed_at", "decision", "recurrence"],
            name => Assert.Equal((name, JsonValueKind.Null), (name, row.GetProperty(name).ValueKind)));
        Assert.Equal(0, row.GetProperty("analysis_count").GetInt32());
    }

    [Theory]
    [InlineData("subject=run-7", "run-7")]
    [InlineData("order_id=run-7", "run-7")]
    [InlineData("subject=run-7&order_id=run-7", "run-7")]
    [InlineData("subject=A-7", "A-7")]
    [InlineData("subject=run", null)]
    public async Task The_list_finds_incidents_by_what_they_are_about_under_either_name(string filter, string? about)
    {
        await CreateIncidentAsync("A-7");
        using (await PostJsonAsync("/incidents", """{"subject":"run-7","problem_type":"wrong_answer"}"""))
        {
        }

        var rows = (await GetJsonAsync($"/incidents?view=overview&{filter}")).EnumerateArray().Select(row => Text(row, "order_id"));

        Assert.Equal(about is null ? [] : [about], rows);
    }

    [Fact]
    public async Task Two_names_of_what_incidents_are_about_must_not_say_different_things()
    {
        using var answer = await Client.GetAsync(new Uri("/incidents?view=overview&subject=a&order_id=b", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_decision_that_a_newer_report_has_overtaken_is_stale()
    {
        var id = await CreateIncidentAsync();
        await AnalyzeAsync(id);
        using (await PostJsonAsync($"/incidents/{id}/approve", "{}"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
            Engine.Signature = "loop|tool.call/search|x";
            await AnalyzeAsync(id);
        }

        var row = Assert.Single((await GetJsonAsync("/incidents?view=overview")).EnumerateArray());

        Assert.True(row.GetProperty("decision").GetProperty("stale").GetBoolean());
        Assert.Equal(("loop", 2), (Text(row, "category"), row.GetProperty("analysis_count").GetInt32()));
    }

    [Fact]
    public async Task How_often_it_came_back_counts_incidents_by_their_latest_analysis()
    {
        Engine.Signature = RateLimited;
        for (var i = 0; i < 3; i++)
        {
            var id = await CreateIncidentAsync($"order-{i}");
            await AnalyzeAsync(id);
            await Task.Delay(TimeSpan.FromMilliseconds(5));
            await AnalyzeAsync(id);
        }

        var rows = (await GetJsonAsync("/incidents?view=overview")).EnumerateArray().ToList();

        Assert.All(rows, row => Assert.Equal(3, row.GetProperty("recurrence").GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task Filters_that_only_analyses_can_answer_page_to_the_end_without_losing_or_repeating_one()
    {
        List<Guid> wanted = [];
        for (var i = 0; i < 11; i++)
        {
            var id = await CreateIncidentAsync(string.Create(CultureInfo.InvariantCulture, $"order-{i}"));
            if (i % 3 != 2)
            {
                Engine.Signature = i % 3 == 0 ? RateLimited : "loop|tool.call/search|x";
                await AnalyzeAsync(id);
            }

            if (i % 3 == 0)
            {
                wanted.Add(id);
            }
        }

        wanted.Reverse();
        Assert.Equal(wanted, await ListAsync("tool=tool.call/carrier&limit=2"));
        Assert.Equal(wanted, await ListAsync("tool=tool.call/carrier&verdict=identified&limit=4"));
        Assert.Equal(3, (await ListAsync("verdict=none&limit=1")).Count);
        Assert.Equal(8, (await ListAsync("verdict=identified&limit=3")).Count);
        Assert.Empty(await ListAsync("verdict=inconclusive"));
        Assert.Equal(11, (await ListAsync("limit=11")).Count);
    }

    [Fact]
    public async Task Filters_of_the_list_and_of_time_hold()
    {
        var before = DateTimeOffset.UtcNow;
        var first = await CreateIncidentAsync("Zeta-1");
        await Task.Delay(TimeSpan.FromMilliseconds(20));
        var between = DateTimeOffset.UtcNow;
        var second = await CreateIncidentAsync("other", "loop");

        Assert.Equal([first], await ListAsync("q=zeta"));
        Assert.Equal([second], await ListAsync("problem_type=loop"));
        Assert.Equal([first], await ListAsync("order_id=Zeta-1"));
        Assert.Empty(await ListAsync("status=approved"));
        Assert.Equal([second], await ListAsync($"since={Time(between)}"));
        Assert.Equal([first], await ListAsync($"until={Time(between)}"));
        Assert.Equal([second, first], await ListAsync($"since={Time(before.AddSeconds(-1))}&limit=1"));
        Assert.Equal([first], await ListAsync($"until={Time(between)}&since={Time(before.AddSeconds(-1))}&limit=1"));
    }

    [Theory]
    [InlineData("view=other", "view")]
    [InlineData("view=overview&verdict=maybe", "verdict")]
    [InlineData("view=overview&limit=501", "limit")]
    [InlineData("view=overview&limit=all", "limit")]
    [InlineData("view=overview&cursor=x", "cursor")]
    [InlineData("view=overview&since=yesterday", "since")]
    [InlineData("view=overview&since=2026-02-01&until=2026-01-01", "until")]
    public async Task A_wrong_parameter_is_named(string query, string name)
    {
        using var response = await Client.GetAsync($"/incidents?{query}");

        await ReadProblemAsync(response, 400, "invalid-parameter", name);
    }

    private async Task<List<Guid>> ListAsync(string query)
    {
        List<Guid> ids = [];
        for (var path = $"/incidents?view=overview&{query}"; path is not null;)
        {
            using var response = await Client.GetAsync(path);
            ids.AddRange((await ReadAsync(response, 200)).EnumerateArray().Select(row => row.GetProperty("id").GetGuid()));
            path = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('>')[0].TrimStart('<') : null;
        }

        return ids;
    }

    private static string Time(DateTimeOffset time) => Uri.EscapeDataString(time.ToString("O", CultureInfo.InvariantCulture));

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();
}
