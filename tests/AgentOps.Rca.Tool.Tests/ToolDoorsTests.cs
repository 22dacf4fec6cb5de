using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Tool.Tests.Mcp;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;

namespace AgentOps.Rca.Tool.Tests;

/// <summary>Bundles, databases, the page and coding agents, by the packed tool.</summary>
public sealed partial class ToolDoorsTests(PackedTool tool) : IDisposable
{
    private const string Key = "0d9c4b7be1f24a6f8f3a5c2e7d1b9a64";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_bundle_is_verified_and_replayed_and_an_altered_one_is_not()
    {
        await ExportAsync();
        var verified = await tool.RunAsync(_directory.Path, null, "verify", "bundle.zip", "--key", "key.pem");
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
        Assert.EndsWith("The bundle is valid.\n", verified.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal(1, (await tool.RunAsync(_directory.Path, null, "verify", "bundle.zip", "--key", "key.pem", "--strict")).ExitCode);
        var checks = JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "verify", "bundle.zip", "--key", "key.pem", "--json")).Output).GetProperty("checks");
        Assert.True(checks.GetProperty("replay").GetProperty("ok").GetBoolean());

        var replayed = await tool.RunAsync(_directory.Path, null, "replay", "bundle.zip");
        Assert.True(replayed.ExitCode == 0, replayed.Output + replayed.Errors);
        Assert.StartsWith("Reproduced", replayed.Output, StringComparison.Ordinal);
        Assert.Equal("reproduced", JsonElement.Parse((await tool.RunAsync(_directory.Path, null, "replay", "bundle.zip", "--json")).Output).GetProperty("verdict").GetString());

        var bytes = await File.ReadAllBytesAsync(_directory["bundle.zip"]);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(_directory["altered.zip"], bytes);
        Assert.Equal(1, (await tool.RunAsync(_directory.Path, null, "verify", "altered.zip", "--key", "key.pem")).ExitCode);
        Assert.Equal(2, (await tool.RunAsync(_directory.Path, null, "replay", "altered.zip")).ExitCode);
    }

    [Fact]
    public async Task A_file_goes_into_a_database_once_and_the_doctor_finds_it_well()
    {
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing);
        var first = await tool.RunAsync(_directory.Path, null, "import", "run.jsonl", "--to", "rca.db");
        Assert.True(first.ExitCode == 0, first.Errors);
        Assert.Matches("claude-code: [1-9][0-9]* spans are new, 0 were there", first.Output);
        var second = await tool.RunAsync(_directory.Path, null, "import", "run.jsonl", "--to", "rca.db");
        Assert.Matches("claude-code: 0 spans are new, [1-9][0-9]* were there", second.Output);

        var doctor = await tool.RunAsync(_directory.Path, null, "doctor", "rca.db", "--json");
        Assert.True(doctor.ExitCode == 0, doctor.Output + doctor.Errors);
        Assert.All(JsonElement.Parse(doctor.Output).EnumerateArray(), check => Assert.True(check.GetProperty("ok").GetBoolean()));
        Assert.Equal(0, (await tool.RunAsync(_directory.Path, null, "doctor")).ExitCode);
        Assert.Equal(1, (await tool.RunAsync(_directory.Path, null, "doctor", "none.db")).ExitCode);
        Assert.Equal(1, (await tool.RunAsync(_directory.Path, null, "doctor", "http://127.0.0.1:1")).ExitCode);
    }

    [Fact]
    public async Task The_doctor_finds_what_a_host_lacks()
    {
        await using var host = await McpHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.ApiKey = Key));
        var address = new Uri(host.Address, "/rca").ToString();
        var well = await tool.RunAsync(_directory.Path, null, "doctor", address, "--api-key", Key);
        Assert.True(well.ExitCode == 0, well.Output + well.Errors);
        var locked = await tool.RunAsync(_directory.Path, null, "doctor", address);
        Assert.Equal(1, locked.ExitCode);
        Assert.Contains("401", locked.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_the_API_and_the_MCP_server_are_served_over_files_to_this_machine_only()
    {
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing);
        using var process = await tool.StartAsync(_directory.Path, "serve", "run.jsonl", "--no-browser");
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            var page = Page().Match(line ?? "");
            Assert.True(page.Success, line);
            using var client = new HttpClient();
            var incidents = JsonElement.Parse(await client.GetStringAsync(new Uri($"{page.Groups[1].Value}/incidents?view=overview"), TestContext.Current.CancellationToken));
            Assert.Equal(page.Groups[2].Value, incidents[0].GetProperty("id").GetString());
            Assert.Equal("identified", incidents[0].GetProperty("verdict").GetString());
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{page.Groups[1].Value}/incidents"));
            request.Headers.Host = "rebound.example";
            using var refused = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.MisdirectedRequest, refused.StatusCode);
            await using var agent = await McpClient.CreateAsync(
                new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri($"{page.Groups[1].Value}/mcp") }), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal("identified", (await agent.AskAsync("get_incident", ("incident_id", page.Groups[2].Value))).GetProperty("verdict").GetString());
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_coding_agent_opens_a_file_over_the_standard_streams()
    {
        await File.WriteAllTextAsync(_directory["run.jsonl"], Sessions.Failing);
        await using var agent = await McpClient.CreateAsync(
            new StdioClientTransport(new StdioClientTransportOptions { Command = await tool.PathAsync(), Arguments = ["mcp"], WorkingDirectory = _directory.Path }),
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("open_file", (await agent.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(one => one.Name));
        var found = await agent.AskAsync("open_file", ("path", "run.jsonl"));
        Assert.Equal("identified", found.GetProperty("verdict").GetString());
        var id = found.GetProperty("incident_id").GetString();
        Assert.NotEqual(0, (await agent.AskAsync("list_steps", ("incident_id", id))).GetProperty("steps").GetArrayLength());
        Assert.True((await agent.AskAsync("get_evidence", ("incident_id", id), ("evidence_id", "E1"))).GetProperty("holds").GetBoolean());
        Assert.StartsWith("path: There is no file", await agent.AskWronglyAsync("open_file", ("path", "nowhere")), StringComparison.Ordinal);
    }

    private async Task ExportAsync()
    {
        await using var host = await McpHost.StartAsync();
        var id = await host.AddScenarioAsync();
        await using var export = (await host.Services.GetRequiredService<IBundleExporter>().PrepareAsync(id, options: null, TestContext.Current.CancellationToken))!;
        await using (var file = File.Create(_directory["bundle.zip"]))
        {
            await export.WriteToAsync(file, TestContext.Current.CancellationToken);
        }

        var key = await host.Services.GetRequiredService<ISigningKeyProvider>().GetSigningKeyAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_directory["key.pem"], key.Public.Pem);
    }

    [GeneratedRegex(@"^The page: (http://127\.0\.0\.1:\d+)/#incident/([0-9a-f-]+)$")]
    private static partial Regex Page();
}
