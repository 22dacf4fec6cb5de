using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.Approvals;

/// <summary>Rows of decisions changed, forged or removed behind a host that keeps them in SQLite.</summary>
public sealed class DecisionTamperTests
{
    private const string Forge = """
        INSERT INTO spans (span_id, tool, start_ts, end_ts, args_digest, attributes, incident_id)
        SELECT 'approval-' || incident_id || '-' || result_digest, 'human.approval', $at, $at, result_digest, '{"decision":"approved","approved_by":"CEO","note":null}', incident_id
        FROM spans WHERE tool LIKE 'rca.analyze/%'
        """;

    [Theory]
    [InlineData("changed", "UPDATE spans SET attributes = replace(attributes, '\"ann\"', '\"eve\"') WHERE tool = 'human.approval'")]
    [InlineData("changed", "UPDATE spans SET attributes = replace(attributes, 'Read it.', 'Read all.') WHERE tool = 'human.approval'")]
    [InlineData("changed", "UPDATE spans SET end_ts = end_ts + 1 WHERE tool = 'human.approval'")]
    [InlineData("changed", "UPDATE spans SET attributes = json_remove(attributes, '$.signature') WHERE tool = 'human.approval'")]
    [InlineData("changed", "UPDATE spans SET attributes = json_set(attributes, '$.approver', json('{\"name\":\"ann\",\"authenticated\":true,\"scheme\":\"Bearer\"}')) WHERE tool = 'human.approval'")]
    [InlineData("changed", "DELETE FROM spans WHERE tool = 'audit.witness'")]
    [InlineData("changed", "UPDATE spans SET attributes = replace(attributes, 'decision_digest\":\"', 'decision_digest\":\"0') WHERE tool = 'audit.witness'")]
    [InlineData("removed", "DELETE FROM spans WHERE tool = 'human.approval'")]
    [InlineData("removed", "UPDATE spans SET tool = 'human.other' WHERE tool = 'human.approval'")]
    [InlineData("removed", "UPDATE spans SET attributes = replace(attributes, '\"approved\"', '\"perhaps\"') WHERE tool = 'human.approval'")]
    [InlineData("forged", "UPDATE spans SET attributes = json_set(attributes, '$.signature.key_id', 'aaaa') WHERE tool = 'human.approval'")]
    public async Task A_decision_that_is_not_as_it_was_made_is_named_everywhere(string kind, string sql)
    {
        using var directory = new TemporaryDirectory();
        await using var host = await StartAsync(directory);
        var id = await OpenAnalyzedAsync(host);
        await PostAsync(host, $"/incidents/{id}/approve", """{"approved_by":"ann","note":"Read it."}""");
        await AssertCleanAsync(host, id);

        await ChangeAsync(directory, sql);

        await AssertNamedAsync(host, id, kind);
    }

    [Fact]
    public async Task A_decision_that_was_never_made_is_named_everywhere()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await StartAsync(directory);
        var id = await OpenAnalyzedAsync(host);
        await ChangeAsync(directory, Forge.Replace("$at", $"{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000}", StringComparison.Ordinal));

        await AssertNamedAsync(host, id, "forged");
    }

    [Fact]
    public async Task A_decision_that_was_never_made_and_is_dated_back_is_named_too()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await StartAsync(directory);
        var id = await OpenAnalyzedAsync(host);
        await ChangeAsync(directory, Forge.Replace("$at", "1700000000000000", StringComparison.Ordinal));

        await AssertNamedAsync(host, id, "forged");
    }

    [Fact]
    public async Task An_earlier_decision_that_is_gone_with_its_witness_is_named_by_the_one_after_it()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await StartAsync(directory);
        var id = await OpenAnalyzedAsync(host);
        var first = (await PostAsync(host, $"/incidents/{id}/reject", """{"rejected_by":"ann","reason":"Not proved."}""")).GetProperty("span_id").GetString();
        await PostAsync(host, "/rca/analyze", $$"""{"incident_id":"{{id}}"}""");
        await PostAsync(host, $"/incidents/{id}/approve", """{"approved_by":"ann"}""");
        await AssertCleanAsync(host, id);

        await ChangeAsync(directory, $"DELETE FROM spans WHERE span_id = '{first}' OR attributes LIKE '%\"decision\":\"{first}\"%'");

        await AssertNamedAsync(host, id, "removed");
    }

    [Fact]
    public async Task A_decision_from_before_decisions_were_signed_stays_valid_and_is_said_to_be_unsigned()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await StartAsync(directory);
        var id = await OpenAnalyzedAsync(host);
        await ChangeAsync(directory, "DELETE FROM spans WHERE tool LIKE 'audit.%'");
        await ChangeAsync(directory, Forge.Replace("$at", "1700000000000000", StringComparison.Ordinal));
        var detail = await ReadAsync(host, $"/incidents/{id}");

        Assert.Equal("unsigned", Assert.Single(detail.GetProperty("decision_findings").EnumerateArray()).GetProperty("kind").GetString());
        Assert.Equal("reproduced", (await PostAsync(host, "/replay/strict", $$"""{"incident_id":"{{id}}"}""")).GetProperty("verdict").GetString());
        Assert.True((await VerifyAsync(host, id)).GetProperty("ok").GetBoolean());
    }

    private static async Task AssertCleanAsync(RcaHost host, string id)
    {
        Assert.Empty((await ReadAsync(host, $"/incidents/{id}")).GetProperty("decision_findings").EnumerateArray());
        Assert.Equal("reproduced", (await PostAsync(host, "/replay/strict", $$"""{"incident_id":"{{id}}"}""")).GetProperty("verdict").GetString());
        Assert.True((await VerifyAsync(host, id)).GetProperty("ok").GetBoolean());
    }

    private static async Task AssertNamedAsync(RcaHost host, string id, string kind)
    {
        var finding = Assert.Single((await ReadAsync(host, $"/incidents/{id}")).GetProperty("decision_findings").EnumerateArray());
        Assert.Equal(kind, finding.GetProperty("kind").GetString());
        var replay = await PostAsync(host, "/replay/strict", $$"""{"incident_id":"{{id}}"}""");
        Assert.Equal(("diverged", "decision_changed"), (replay.GetProperty("verdict").GetString(), replay.GetProperty("first_divergence").GetProperty("kind").GetString()));
        var verified = await VerifyAsync(host, id);
        Assert.False(verified.GetProperty("ok").GetBoolean());
        Assert.Contains(finding.GetProperty("message").GetString()!, verified.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task<RcaHost> StartAsync(TemporaryDirectory directory)
    {
        return await RcaHost.StartAsync(
            services: services => services.Configure<AgentOpsRcaOptions>(options => (options.DataDirectory, options.ArtifactDirectory) = (directory["data"], directory["artifacts"])),
            storage: rca => rca.UseSqlite(directory["rca.db"]));
    }

    private static async Task<string> OpenAnalyzedAsync(RcaHost host)
    {
        var id = (await PostAsync(host, "/incidents", """{"problem_type":"late"}""")).GetProperty("id").GetString()!;
        await PostAsync(host, "/rca/analyze", $$"""{"incident_id":"{{id}}"}""");
        return id;
    }

    private static async Task<JsonElement> VerifyAsync(RcaHost host, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/bundles") { Content = new StringContent($$"""{"incident_id":"{{id}}"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/zip");
        using var bundle = await host.Client.SendAsync(request);
        using var content = new ByteArrayContent(await bundle.Content.ReadAsByteArrayAsync());
        content.Headers.ContentType = new("application/zip");
        using var response = await host.Client.PostAsync(new Uri("/bundles/verify", UriKind.Relative), content);
        var verification = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.True(verification.GetProperty("valid").GetBoolean(), verification.GetRawText());
        return verification.GetProperty("checks").GetProperty("approved");
    }

    private static async Task ChangeAsync(TemporaryDirectory directory, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={directory["rca.db"]}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests write their statements themselves.
        command.CommandText = sql;
#pragma warning restore CA2100
        Assert.True(await command.ExecuteNonQueryAsync() > 0, sql);
    }

    private static async Task<JsonElement> ReadAsync(RcaHost host, string path) => JsonElement.Parse(await host.Client.GetStringAsync(new Uri(path, UriKind.Relative)));

    private static async Task<JsonElement> PostAsync(RcaHost host, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}
