using System.Net;
using System.Text.Json;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Http;

/// <summary>Rows of decisions changed, forged or removed in PostgreSQL behind a host.</summary>
public sealed class DecisionTamperTests
{
    [Theory]
    [InlineData("changed", "update public.spans set attributes = jsonb_set(attributes, '{approved_by}', '\"eve\"') where tool = 'human.approval'")]
    [InlineData("changed", "update public.spans set end_ts = end_ts + 1 where tool = 'human.approval'")]
    [InlineData("changed", "update public.spans set attributes = attributes - 'signature' where tool = 'human.approval'")]
    [InlineData("changed", "delete from public.spans where tool = 'audit.witness'")]
    [InlineData("removed", "delete from public.spans where tool = 'human.approval'")]
    [InlineData("forged", "update public.spans set attributes = jsonb_set(attributes, '{signature,key_id}', '\"aaaa\"') where tool = 'human.approval'")]
    public async Task A_decision_that_is_not_as_it_was_made_is_named(string kind, string sql)
    {
        await using var database = await TestDatabase.CreateAsync();
        var directory = Directory.CreateTempSubdirectory("agentops-decisions-");
        try
        {
            await using var host = await SupabaseHost.StartAsync(("SUPABASE_DB_URL", database.Direct), ("AgentOpsRca:DataDirectory", directory.FullName));
            var id = (await host.PostAsync("/incidents", """{"problem_type":"late"}""")).Body.GetProperty("id").GetString();
            await host.PostAsync("/rca/analyze", $$"""{"incident_id":"{{id}}","engine":"trace"}""");
            Assert.Equal(HttpStatusCode.OK, (await host.PostAsync($"/incidents/{id}/approve", """{"approved_by":"ann","note":"Read it."}""")).Status);
            Assert.Empty(await FindingsAsync(host, id!));
            Assert.Equal("reproduced", (await host.PostAsync("/replay/strict", $$"""{"incident_id":"{{id}}"}""")).Body.GetProperty("verdict").GetString());

            await database.ExecuteAsync(sql);

            Assert.Equal(kind, Assert.Single(await FindingsAsync(host, id!)).GetProperty("kind").GetString());
            var replay = (await host.PostAsync("/replay/strict", $$"""{"incident_id":"{{id}}"}""")).Body;
            Assert.Equal("decision_changed", replay.GetProperty("first_divergence").GetProperty("kind").GetString());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<List<JsonElement>> FindingsAsync(SupabaseHost host, string id)
    {
        var detail = await host.Client.GetStringAsync(new Uri($"/incidents/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        return [.. JsonElement.Parse(detail).GetProperty("decision_findings").EnumerateArray()];
    }
}
