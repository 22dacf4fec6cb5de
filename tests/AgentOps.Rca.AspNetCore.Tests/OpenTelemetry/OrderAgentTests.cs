using System.Diagnostics;
using System.Text.Json;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Spans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Tests.OpenTelemetry;

/// <summary>The order agent as it ships, beside a host: the agent only exports OpenTelemetry, and everything else follows.</summary>
public sealed class OrderAgentTests
{
    private const string Secret = "a-secret-that-both-know";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fault_that_is_asked_for_becomes_an_incident_a_report_a_webhook_and_a_replay()
    {
        var delivered = new TaskCompletionSource<(byte[] Body, string? Signature)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await StartHostAsync(delivered);
        using var client = new HttpClient { BaseAddress = new Uri(host.Urls.Single()) };

        // A few good orders first: they are what the failed one is compared with.
        var output = await RunAgentAsync(client.BaseAddress, "order-1", "order-2", "order-3", "order-4", "order-5", "order-1007", "--fault", "order-1007");
        Assert.Contains("order-1007: Sorry", output, StringComparison.Ordinal);

        var (body, signature) = await delivered.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);
        Assert.True(WebhookSignature.Verify(Secret, body, signature, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5)));
        var told = JsonElement.Parse(body);
        Assert.Equal("order-1007", told.GetProperty("order_id").GetString());
        Assert.Equal("agent_error", told.GetProperty("problem_type").GetString());
        var incidentId = told.GetProperty("incident_id").GetGuid();

        var incidents = JsonElement.Parse(await client.GetStringAsync("/incidents", Token));
        Assert.Equal(incidentId, Assert.Single(incidents.EnumerateArray()).GetProperty("id").GetGuid());
        var report = JsonElement.Parse(await client.GetStringAsync($"/incidents/{incidentId}/reports", Token))[0];
        Assert.Equal("identified", report.GetProperty("verdict").GetString());
        var first = report.GetProperty("hypotheses")[0];
        Assert.Equal((1, "tool.call/book_carrier"), (first.GetProperty("rank").GetInt32(), first.GetProperty("tool").GetString()));
        Assert.Contains("did not answer", first.GetProperty("cause").GetString(), StringComparison.Ordinal);
        Assert.Equal(report.GetProperty("root_cause").GetString(), told.GetProperty("report").GetProperty("root_cause").GetString());

        using var request = new StringContent($$"""{"incident_id":"{{incidentId}}"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var replay = await client.PostAsync("/replay/strict", request, Token);
        Assert.Equal("reproduced", JsonElement.Parse(await replay.Content.ReadAsStringAsync(Token)).GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task Without_a_fault_there_is_no_incident()
    {
        await using var host = await StartHostAsync(new());
        using var client = new HttpClient { BaseAddress = new Uri(host.Urls.Single()) };

        var output = await RunAgentAsync(client.BaseAddress, "order-1");

        Assert.Contains("order-1: order-1 is on its way.", output, StringComparison.Ordinal);
        var tools = await host.Services.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery(), Token).Select(span => span.Tool).ToListAsync(Token);
        foreach (var tool in (string[])["agent.run/order-agent", "llm.call/scripted-1", "tool.call/check_stock", "tool.call/book_carrier", "tool.call/notify_customer"])
        {
            Assert.Contains(tool, tools);
        }

        await Task.Delay(1_500, Token);
        Assert.Equal("[]", await client.GetStringAsync("/incidents", Token));
    }

    private static async Task<WebApplication> StartHostAsync(TaskCompletionSource<(byte[] Body, string? Signature)> delivered)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication? application = null;
        builder.Services.AddAgentOpsRca().UseInMemory().DetectIncidents(options =>
        {
            options.Settle = TimeSpan.FromMilliseconds(500);
            options.WebhookSecret = Secret;
            options.WebhookUrl = new Uri("http://127.0.0.1:1/");
        });

        // The receiver listens on the host's own address, which is known once it has started.
        builder.Services.AddHttpClient("AgentOps.Rca.Webhook").ConfigureHttpClient(client => client.DefaultRequestHeaders.Add("X-Test", "1"))
            .AddHttpMessageHandler(() => new Redirection(() => new Uri(application!.Urls.Single() + "/hook")));
        application = builder.Build();
        application.MapAgentOpsRca();
        application.MapPost("/hook", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            delivered.TrySetResult((body.ToArray(), context.Request.Headers[WebhookSignature.HeaderName]));
            return TypedResults.NoContent();
        });
        await application.StartAsync(Token);
        return application;
    }

    private static async Task<string> RunAgentAsync(Uri endpoint, params string[] arguments)
    {
        var program = Path.Combine(
            AppContext.BaseDirectory.Replace(
                Path.Combine("tests", "AgentOps.Rca.AspNetCore.Tests"), Path.Combine("samples", "OrderAgent"), StringComparison.Ordinal),
            "order-agent.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint.ToString();
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode is 0 or 1, $"{process.ExitCode}: {await errors}");
        return output;
    }

    private sealed class Redirection(Func<Uri> address) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = address();
            return base.SendAsync(request, cancellationToken);
        }
    }
}
