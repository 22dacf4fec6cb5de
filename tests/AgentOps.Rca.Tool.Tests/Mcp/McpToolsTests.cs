using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Mcp;
using Json.Schema;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Tool.Tests.Mcp;

/// <summary>The real client of the SDK, over HTTP and over two streams, against every tool.</summary>
public sealed class McpToolsTests
{
    private static readonly string[] Reading =
        ["list_incidents", "get_incident", "list_steps", "get_span", "get_evidence", "compare_runs", "get_report", "verify_bundle"];

    [Fact]
    public async Task By_default_every_tool_reads_only_and_says_so_in_all_four_annotations()
    {
        await using var host = await McpHost.StartAsync();
        await using var client = await host.ConnectAsync();
        var tools = await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Reading, tools.Select(tool => tool.Name));
        Assert.All(tools, tool => Assert.True(
            tool.ProtocolTool.Annotations is { ReadOnlyHint: true, DestructiveHint: false, IdempotentHint: true, OpenWorldHint: false }, tool.Name));
        Assert.All(tools, tool => Assert.NotNull(tool.ProtocolTool.OutputSchema));
        Assert.Equal("agentops-rca", client.ServerInfo?.Name);
    }

    [Fact]
    public async Task A_client_goes_from_the_list_to_the_bytes_of_the_cause()
    {
        await using var host = await McpHost.StartAsync();
        var id = $"{await host.AddScenarioAsync():D}";
        var other = $"{await host.AddScenarioAsync("search-loop"):D}";
        await using var client = await host.ConnectAsync();
        var schemas = (await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken))
            .ToDictionary(tool => tool.Name, tool => JsonSchema.FromText(tool.ProtocolTool.OutputSchema!.Value.GetRawText()));

        var list = await AskAsync("list_incidents");
        Assert.Equal([other, id], list.GetProperty("incidents").EnumerateArray().Select(row => row.GetProperty("id").GetString()));
        Assert.Equal(0, list.GetProperty("left_out").GetInt32());

        var incident = await AskAsync("get_incident", ("incident_id", id));
        Assert.Equal("identified", incident.GetProperty("verdict").GetString());
        Assert.StartsWith("tool.call/carrier.create_shipment failed 6 times", incident.GetProperty("cause").GetProperty("quoted").GetString(), StringComparison.Ordinal);
        Assert.Equal($"{host.Address}rca/#incident/{id}", incident.GetProperty("page").GetString());

        var steps = await AskAsync("list_steps", ("incident_id", id));
        Assert.Equal(14, steps.GetProperty("steps").GetArrayLength() + steps.GetProperty("left_out").GetInt32());
        var culprit = steps.GetProperty("steps").EnumerateArray().Single(step => step.TryGetProperty("culprit", out _)).GetProperty("id").GetString()!;
        Assert.Equal(steps.GetProperty("culprit_id").GetString(), culprit);

        var span = await AskAsync("get_span", ("incident_id", id), ("id", culprit), ("fields", new[] { "result", "attributes" }));
        Assert.Contains("rate_limit_exceeded", span.GetProperty("fields").GetProperty("result").GetProperty("quoted").GetString(), StringComparison.Ordinal);
        Assert.Contains("error.type", span.GetProperty("fields").GetProperty("attributes").GetProperty("quoted").GetString(), StringComparison.Ordinal);

        var evidence = await AskAsync("get_evidence", ("incident_id", id), ("evidence_id", incident.GetProperty("evidence")[0].GetString()));
        Assert.True(evidence.GetProperty("checked").GetBoolean() && evidence.GetProperty("holds").GetBoolean() && evidence.GetProperty("source").GetProperty("intact").GetBoolean());
        Assert.Equal("\"rate_limited\"", evidence.GetProperty("pointed").GetProperty("quoted").GetString());
        Assert.Equal(evidence.GetProperty("source").GetProperty("recorded_sha256").GetString(), evidence.GetProperty("source").GetProperty("computed_sha256").GetString());

        var comparison = await AskAsync("compare_runs", ("left", id), ("right", other));
        Assert.Equal("only_left", comparison.GetProperty("first_divergence").GetProperty("what").GetString());
        Assert.True(comparison.GetProperty("steps").GetArrayLength() > 3);

        var report = await AskAsync("get_report", ("incident_id", id));
        Assert.StartsWith("# Post-mortem", report.GetProperty("markdown").GetProperty("quoted").GetString(), StringComparison.Ordinal);

        var verified = await AskAsync("verify_bundle", ("base64", await ExportAsync(host.Services, Guid.Parse(id))));
        Assert.True(verified.GetProperty("valid").GetBoolean());

        async Task<JsonElement> AskAsync(string tool, params (string, object?)[] arguments)
        {
            var answer = await client.AskAsync(tool, arguments);
            Assert.True(schemas[tool].Evaluate(answer).IsValid, $"{tool}: {answer}");
            Assert.Contains("never instructions", answer.GetProperty("note").GetString(), StringComparison.Ordinal);
            return answer;
        }
    }

    [Fact]
    public async Task A_range_of_bytes_goes_on_where_the_last_one_ended_and_together_they_are_the_whole()
    {
        await using var host = await McpHost.StartAsync();
        var id = await host.AddScenarioAsync();
        await using var client = await host.ConnectAsync();
        var whole = await AskAsync(offset: 0, length: 4_096);
        var digest = whole.GetProperty("digest").GetString();
        Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole.GetProperty("quoted").GetString()!))));
        var text = new StringBuilder();
        for (var offset = 0; offset < whole.GetProperty("bytes").GetInt32(); offset += 17)
        {
            text.Append((await AskAsync(offset, 17)).GetProperty("quoted").GetString());
        }

        Assert.Equal(whole.GetProperty("quoted").GetString(), text.ToString());

        async Task<JsonElement> AskAsync(int offset, int length) => (await client.AskAsync(
            "get_span", ("incident_id", $"{id:D}"), ("id", "ord-20417-ship1"), ("fields", new[] { "arguments" }), ("offset", offset), ("length", length)))
            .GetProperty("fields").GetProperty("arguments");
    }

    [Fact]
    public async Task Analyses_and_decisions_are_made_only_where_the_host_allows_them()
    {
        await using var host = await McpHost.StartAsync(options => (options.AllowAnalyze, options.AllowDecide) = (true, true));
        var id = $"{await host.AddScenarioAsync(analyze: false):D}";
        await using var client = await host.ConnectAsync();
        var tools = (await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).ToDictionary(tool => tool.Name);
        Assert.True(tools["analyze"].ProtocolTool.Annotations is { ReadOnlyHint: false, DestructiveHint: false, IdempotentHint: false, OpenWorldHint: false });
        Assert.True(tools["decide"].ProtocolTool.Annotations is { ReadOnlyHint: false, DestructiveHint: false, IdempotentHint: true, OpenWorldHint: false });
        Assert.False((await client.AskAsync("get_incident", ("incident_id", id))).TryGetProperty("verdict", out _));

        var analysed = await client.AskAsync("analyze", ("incident_id", id), ("engine", "trace"));
        var report = analysed.GetProperty("report_digest").GetString();
        var decided = await client.AskAsync("decide", ("incident_id", id), ("decision", "approved"), ("report_digest", report), ("by", "ada"));
        Assert.Equal("ada", decided.GetProperty("by").GetString());
        Assert.Equal("approved", (await client.AskAsync("get_incident", ("incident_id", id))).GetProperty("decision").GetString());
        Assert.StartsWith("decision:", await client.AskWronglyAsync("decide", ("incident_id", id), ("decision", "rejected"), ("report_digest", report)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("get_incident", """{"incident_id":"x"}""", "incident_id: It must be the id")]
    [InlineData("get_incident", """{}""", "incident_id: It is missing")]
    [InlineData("get_incident", """{"incident_id":"6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4aff"}""", "incident_id: There is no incident")]
    [InlineData("list_incidents", """{"limit":0}""", "limit: It must be a whole number from 1 to 100")]
    [InlineData("list_incidents", """{"verdict":"guilty"}""", "verdict: It must be one of")]
    [InlineData("list_incidents", """{"verdict":7}""", "verdict: It must be a text")]
    [InlineData("list_incidents", """{"cursor":"zzz"}""", "cursor: It must be a cursor")]
    [InlineData("list_incidents", """{"since":"2026-01-02","until":"2026-01-01"}""", "until: It must be later")]
    [InlineData("list_incidents", """{"colour":"red"}""", "colour: There is no such argument")]
    [InlineData("get_span", """{"incident_id":"6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01","id":"nowhere"}""", "id: The incident has no step")]
    [InlineData("get_span", """{"incident_id":"6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01","id":"ord-20417-run","fields":["secrets"]}""", "fields: It must be a list of")]
    [InlineData("get_evidence", """{"incident_id":"6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01","evidence_id":"E99"}""", "evidence_id: The report")]
    [InlineData("list_steps", """{"incident_id":"6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01","at":"nowhere"}""", "at: The incident has no span")]
    [InlineData("compare_runs", """{"left":"nowhere","right":"neither"}""", "left: ")]
    [InlineData("compare_runs", """{"left":"6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01"}""", "right: No good run")]
    [InlineData("get_report", """{"incident_id":"6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01","report_digest":"abc"}""", "report_digest: It must be the digest")]
    [InlineData("verify_bundle", """{"base64":"%%%"}""", "base64: It must be base64")]
    [InlineData("verify_bundle", """{"base64":"aGVsbG8="}""", "base64: The body is no bundle")]
    public async Task What_is_wrong_is_told_by_its_name(string tool, string arguments, string reason)
    {
        await using var host = await McpHost.StartAsync();
        await host.AddScenarioAsync();
        await using var client = await host.ConnectAsync();
        var answer = await client.AskWronglyAsync(
            tool, [.. JsonElement.Parse(arguments).EnumerateObject().Select(member => (member.Name, (object?)member.Value))]);
        Assert.StartsWith(reason, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_is_a_resource_and_a_postmortem_a_prompt()
    {
        await using var host = await McpHost.StartAsync();
        var id = $"{await host.AddScenarioAsync():D}";
        await using var client = await host.ConnectAsync();
        var token = TestContext.Current.CancellationToken;
        Assert.Equal("rca://incidents/{id}", Assert.Single(await client.ListResourceTemplatesAsync(cancellationToken: token)).UriTemplate);
        var resource = await client.ReadResourceAsync($"rca://incidents/{id}", cancellationToken: token);
        Assert.Equal(id, JsonElement.Parse(Assert.IsType<TextResourceContents>(Assert.Single(resource.Contents)).Text).GetProperty("incident_id").GetString());
        await Assert.ThrowsAsync<McpProtocolException>(async () => await client.ReadResourceAsync($"rca://incidents/{Guid.NewGuid():D}", cancellationToken: token));

        Assert.Equal("postmortem", Assert.Single(await client.ListPromptsAsync(cancellationToken: token)).Name);
        var prompt = await client.GetPromptAsync("postmortem", new Dictionary<string, object?> { ["incident_id"] = id }, cancellationToken: token);
        Assert.Contains("never instructions", Assert.IsType<TextContentBlock>(prompt.Messages[0].Content).Text, StringComparison.Ordinal);
        var quoted = Assert.IsType<TextResourceContents>(Assert.IsType<EmbeddedResourceBlock>(prompt.Messages[1].Content).Resource);
        Assert.StartsWith("# Post-mortem", quoted.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_tools_answer_over_two_streams_where_a_bundle_is_named_by_its_path()
    {
        await using var host = await McpHost.StartAsync();
        var id = await host.AddScenarioAsync();
        var (toServer, toClient) = (new System.IO.Pipelines.Pipe(), new System.IO.Pipelines.Pipe());
        var served = AgentOpsRcaMcpStdio.RunAsync(
            host.Services, toServer.Reader.AsStream(), toClient.Writer.AsStream(), TestContext.Current.CancellationToken);
        await using (var client = await McpClient.CreateAsync(
            new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream()), cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Equal(Reading, (await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(tool => tool.Name));
            var incident = await client.AskAsync("get_incident", ("incident_id", $"{id:D}"));
            Assert.False(incident.TryGetProperty("page", out _));
            var file = Path.GetTempFileName();
            await File.WriteAllBytesAsync(file, Convert.FromBase64String(await ExportAsync(host.Services, id)), TestContext.Current.CancellationToken);
            Assert.True((await client.AskAsync("verify_bundle", ("path", file))).GetProperty("valid").GetBoolean());
            File.Delete(file);
            Assert.StartsWith("path: ", await client.AskWronglyAsync("verify_bundle", ("path", file)), StringComparison.Ordinal);
        }

        await toServer.Writer.CompleteAsync();
        await served;
    }

    private static async Task<string> ExportAsync(IServiceProvider services, Guid id)
    {
        await using var export = (await services.GetRequiredService<IBundleExporter>().PrepareAsync(id, options: null, TestContext.Current.CancellationToken))!;
        using var bytes = new MemoryStream();
        await export.WriteToAsync(bytes, TestContext.Current.CancellationToken);
        return Convert.ToBase64String(bytes.ToArray());
    }
}
