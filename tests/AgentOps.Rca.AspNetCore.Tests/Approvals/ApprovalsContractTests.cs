using System.Net;
using System.Text.Json;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

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
    public async Task A_rejection_says_why_and_is_shown_with_the_incident()
    {
        var id = await CreateIncidentAsync();
        var digest = (await AnalyzeAsync(id)).GetProperty("report_digest").GetString();
        using var silent = await PostJsonAsync($"/incidents/{id}/reject", """{"rejected_by":"ann"}""");
        using var first = await PostJsonAsync($"/incidents/{id}/reject", """{"rejected_by":"ann","reason":"Not proved."}""");
        using var again = await PostJsonAsync($"/incidents/{id}/reject", """{"rejected_by":"ann","reason":"Not proved."}""");
        using var other = await PostJsonAsync($"/incidents/{id}/approve", """{"approved_by":"ann"}""");

        await ReadProblemAsync(silent, 422, "invalid", "/reason");
        var rejection = await ReadAsync(first, 200);
        Assert.Equal(
            ("rejected", "ann", "Not proved.", digest),
            (rejection.GetProperty("status").GetString(), rejection.GetProperty("approved_by").GetString(), rejection.GetProperty("note").GetString(),
                rejection.GetProperty("report_digest").GetString()));
        await ReadAsync(again, 200);
        Assert.Equal("rejected", (await ReadProblemAsync(other, 409, "conflict")).GetProperty("recorded").GetProperty("status").GetString());
        var shown = (await GetJsonAsync($"/incidents/{id}")).GetProperty("approval");
        Assert.Equal(
            ("rejected", "Not proved.", false),
            (shown.GetProperty("status").GetString(), shown.GetProperty("note").GetString(), shown.GetProperty("stale").GetBoolean()));
    }

    [Fact]
    public async Task A_newer_report_makes_the_approval_stale_and_the_incident_says_so()
    {
        var id = await CreateIncidentAsync();
        Assert.Equal(JsonValueKind.Null, (await GetJsonAsync($"/incidents/{id}")).GetProperty("approval").ValueKind);
        await AnalyzeAsync(id);
        using var approved = await PostJsonAsync($"/incidents/{id}/approve", """{"approved_by":"ann"}""");
        await ReadAsync(approved, 200);
        Assert.False((await GetJsonAsync($"/incidents/{id}")).GetProperty("approval").GetProperty("stale").GetBoolean());

        await AnalyzeAsync(id);

        var stale = (await GetJsonAsync($"/incidents/{id}")).GetProperty("approval");
        Assert.Equal(("approved", true), (stale.GetProperty("status").GetString(), stale.GetProperty("stale").GetBoolean()));
    }

    [Fact]
    public async Task Under_the_rule_of_four_eyes_names_that_are_only_claimed_approve_nothing()
    {
        Host.Services.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.FourEyes = true;
        var id = await CreateIncidentAsync();
        using var analyzed = await PostJsonAsync("/rca/analyze", $$"""{"incident_id":"{{id}}","requested_by":"bob"}""");
        await ReadAsync(analyzed, 200);
        foreach (var name in (string[])["bob", "ann", "b\u200Bob"])
        {
            using var answer = await PostJsonAsync($"/incidents/{id}/approve", $$"""{"approved_by":"{{name}}"}""");
            await ReadProblemAsync(answer, name.Contains('\u200B', StringComparison.Ordinal) ? 422 : 403, name.Contains('\u200B', StringComparison.Ordinal) ? "invalid" : "forbidden", "/approved_by");
        }

        Assert.Equal("open", (await GetJsonAsync($"/incidents/{id}")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_name_that_nothing_proves_is_shown_as_a_claim()
    {
        var id = await CreateIncidentAsync();
        using var analyzed = await PostJsonAsync("/rca/analyze", $$"""{"incident_id":"{{id}}","requested_by":"bob"}""");
        await ReadAsync(analyzed, 200);
        using var answer = await PostJsonAsync($"/incidents/{id}/approve", """{"approved_by":"ann"}""");
        var approval = await ReadAsync(answer, 200);
        var shown = (await GetJsonAsync($"/incidents/{id}")).GetProperty("approval");
        var row = (await GetJsonAsync("/incidents?view=overview"))[0].GetProperty("decision");

        foreach (var one in (JsonElement[])[approval, shown, row])
        {
            Assert.Equal("""{"name":"ann","authenticated":false}""", one.GetProperty("approver").GetRawText());
        }

        Assert.Equal("""{"name":"bob","authenticated":false}""", approval.GetProperty("requester").GetRawText());
        Assert.Contains("ann (claimed)", await Client.GetStringAsync(new Uri($"/incidents/{id}/postmortem", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_64_decisions_over_two_hosts_exactly_one_is_recorded_once()
    {
        var id = await CreateIncidentAsync();
        await AnalyzeAsync(id);
        await using var second = await StartSecondAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            using var body = new StringContent(i % 4 < 2
                ? $$"""{"approved_by":"person-{{i}}"}"""
                : $$"""{"rejected_by":"person-{{i}}","reason":"Not proved."}""");
            body.Headers.ContentType = new("application/json");
            var client = i % 2 == 0 ? Client : second.Client;
            return await client.PostAsync(new Uri($"/incidents/{id}/{(i % 4 < 2 ? "approve" : "reject")}", UriKind.Relative), body);
        }));

        var winner = await ReadAsync(Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK), 200);
        Assert.Equal(63, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        foreach (var answer in answers.Where(answer => answer.StatusCode == HttpStatusCode.Conflict))
        {
            Assert.Equal(
                winner.GetProperty("approved_by").GetString(),
                (await ReadProblemAsync(answer, 409, "conflict")).GetProperty("recorded").GetProperty("approved_by").GetString());
        }

        Assert.Single((await GetJsonAsync("/traces/spans?tool=human.approval")).EnumerateArray());
        Assert.Equal(winner.GetProperty("status").GetString(), (await GetJsonAsync($"/incidents/{id}")).GetProperty("status").GetString());
    }

    // A host of its own on the same data: nothing but the stores is shared.
    private ValueTask<RcaHost> StartSecondAsync() => RcaHost.StartAsync(
        services: services => services.AddSingleton(Host.Stores.Incidents).AddSingleton(Host.Stores.Spans)
            .AddSingleton(Host.Stores.Artifacts).AddSingleton(Host.Stores.Contents),
        engine: new ScriptedEngine());

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
