using System.Net;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Approvals;

public sealed class InMemoryApprovalsContractTests(InMemoryStoreBackend backend) : ApprovalsContractTests<InMemoryStoreBackend>(backend);

public abstract class ApprovalsContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    [Fact]
    public async Task Of_64_simultaneous_approvals_by_different_people_exactly_one_is_recorded()
    {
        var id = await CreateIncidentAsync();
        await AnalyzeAsync(id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 64)
            .Select(i => PostJsonAsync($"/incidents/{id}/approve", $$"""{"approved_by":"person-{{i}}"}""")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(63, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        var winner = (await ReadAsync(answers.Single(answer => answer.StatusCode == HttpStatusCode.OK), 200)).GetProperty("approved_by").GetString();
        foreach (var answer in answers.Where(answer => answer.StatusCode == HttpStatusCode.Conflict))
        {
            var problem = await ReadProblemAsync(answer, 409, "conflict");
            Assert.Equal(winner, problem.GetProperty("recorded").GetProperty("approved_by").GetString());
        }

        Assert.Equal("approved", (await GetJsonAsync($"/incidents/{id}")).GetProperty("status").GetString());
        Assert.Single((await GetJsonAsync("/traces/spans?tool=human.approval")).EnumerateArray());
    }

    [Fact]
    public async Task The_same_approval_again_is_200_and_says_the_same()
    {
        var id = await CreateIncidentAsync();
        var digest = (await AnalyzeAsync(id)).GetProperty("report_digest").GetString();
        var body = $$"""{"approved_by":"ann","note":"Read it.","report_digest":"{{digest}}"}""";
        using var first = await PostJsonAsync($"/incidents/{id}/approve", body);
        using var second = await PostJsonAsync($"/incidents/{id}/approve", body);

        var approval = await ReadAsync(first, 200);
        Assert.Equal("approved", approval.GetProperty("status").GetString());
        Assert.Equal(digest, approval.GetProperty("report_digest").GetString());
        Assert.Equal(approval.GetRawText(), (await ReadAsync(second, 200)).GetRawText());
    }

    [Fact]
    public async Task No_body_at_all_approves_the_latest_report()
    {
        var id = await CreateIncidentAsync();
        var digest = (await AnalyzeAsync(id)).GetProperty("report_digest").GetString();
        using var response = await Client.PostAsync($"/incidents/{id}/approve", content: null);

        var approval = await ReadAsync(response, 200);
        Assert.Equal(digest, approval.GetProperty("report_digest").GetString());
        Assert.Equal(JsonValueKind.Null, approval.GetProperty("approved_by").ValueKind);
    }

    [Fact]
    public async Task A_report_that_is_not_the_latest_or_not_there_is_409()
    {
        var id = await CreateIncidentAsync();
        var body = $$"""{"report_digest":"{{new string('0', 64)}}"}""";
        using var none = await PostJsonAsync($"/incidents/{id}/approve", body);
        var digest = (await AnalyzeAsync(id)).GetProperty("report_digest").GetString();
        using var stale = await PostJsonAsync($"/incidents/{id}/approve", body);

        await ReadProblemAsync(none, 409, "conflict", "/report_digest");
        var problem = await ReadProblemAsync(stale, 409, "conflict", "/report_digest");
        Assert.Equal(digest, problem.GetProperty("latest_report_digest").GetString());
        Assert.Equal("open", (await GetJsonAsync($"/incidents/{id}")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_rejection_is_recorded_as_one()
    {
        var id = await CreateIncidentAsync();
        await AnalyzeAsync(id);
        using var response = await PostJsonAsync($"/incidents/{id}/approve", """{"decision":"rejected","note":"Not proved."}""");

        Assert.Equal("rejected", (await ReadAsync(response, 200)).GetProperty("status").GetString());
        Assert.Equal("rejected", (await GetJsonAsync($"/incidents/{id}")).GetProperty("status").GetString());
    }
}
