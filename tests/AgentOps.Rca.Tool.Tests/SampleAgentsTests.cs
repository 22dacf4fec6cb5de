using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tool.Tests;

/// <summary>Agents on frameworks as they ship, beside the ready host: they only export OpenTelemetry, and the fault that is asked for is found.</summary>
public sealed class SampleAgentsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("AgentFrameworkAgent", "agent-framework-agent")]
    [InlineData("SemanticKernelAgent", "semantic-kernel-agent")]
    [InlineData("VercelAgent", null)]
    public async Task The_ready_host_opens_an_incident_and_finds_the_tool_that_failed(string sample, string? assembly)
    {
        var script = Path.Combine(Repository.Root, "samples", sample, "agent.mjs");
        if (assembly is null && !Directory.Exists(Path.Combine(Repository.Root, "samples", sample, "node_modules", "ai")))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", $"The sample's packages are not installed: npm install --prefix samples/{sample}");
        }

        var port = TestPort.Take();
        using var host = Start("dotnet", [Built("WebHost", "agentops-rca")], start =>
        {
            start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
            start.Environment["AgentOpsRca__DetectIncidents__Enabled"] = "true";
            start.Environment["AgentOpsRca__DetectIncidents__SettleSeconds"] = "0.5";
        });
        _ = host.StandardOutput.ReadToEndAsync(Token);
        _ = host.StandardError.ReadToEndAsync(Token);
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
            await UntilAsync(async () => (await client.GetAsync(new Uri("health", UriKind.Relative), Token)).IsSuccessStatusCode);
            await RunAsync("order-1007");
            await RunAsync("order-1008", assembly is null ? ["--fault"] : ["--fault", "order-1008"]);
            JsonElement[] rows = [];
            await UntilAsync(async () =>
            {
                rows = [.. JsonElement.Parse(await client.GetStringAsync(new Uri("incidents?view=overview", UriKind.Relative), Token)).EnumerateArray()];
                return rows.Length > 0 && rows[0].GetProperty("verdict").ValueKind == JsonValueKind.String;
            });
            var incident = Assert.Single(rows);
            Assert.Equal("identified", incident.GetProperty("verdict").GetString());
            Assert.Contains("book_carrier", incident.GetProperty("tool").GetString(), StringComparison.Ordinal);
            Assert.Contains("did not answer", incident.GetProperty("cause").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            host.Kill(entireProcessTree: true);
            await host.WaitForExitAsync(Token);
        }

        async Task RunAsync(string order, params string[] more)
        {
            using var agent = Start(assembly is null ? "node" : "dotnet", [assembly is null ? script : Built(sample, assembly), order, .. more], start =>
            {
                start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}";
                start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
            });
            var run = await ToolRun.OfAsync(agent);
            Assert.True(run.ExitCode == 0 && run.Output.Contains($"{order}: ", StringComparison.Ordinal), run.Output + run.Errors);
        }
    }

    private Process Start(string program, string[] arguments, Action<ProcessStartInfo> change)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _directory.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        change(start);
        return Process.Start(start)!;
    }

    // Beside this build, of the same configuration.
    private static string Built(string sample, string assembly) => Path.Combine(
        AppContext.BaseDirectory.Replace(Path.Combine("tests", "AgentOps.Rca.Tool.Tests"), Path.Combine("samples", sample), StringComparison.Ordinal), $"{assembly}.dll");

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < Patience; await Task.Delay(200, Token))
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }

        Assert.Fail($"It did not come about within {Patience.TotalSeconds} s.");
    }
}
