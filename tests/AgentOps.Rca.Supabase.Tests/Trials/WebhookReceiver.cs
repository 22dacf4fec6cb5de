using System.Collections.Concurrent;
using System.Text.Json;
using AgentOps.Rca.Detection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>A receiver of webhooks on a port of its own. It checks each signature before it looks at the body.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    public const string Secret = "a-secret-that-both-know";

    private readonly WebApplication _application;

    private WebhookReceiver(WebApplication application) => _application = application;

    public string Address => _application.Urls.Single() + "/hook";

    /// <summary>What is answered; called with the incident before anything is counted.</summary>
    public Func<Guid, Task<int>> Answer { get; set; } = static _ => Task.FromResult(204);

    /// <summary>How often each incident was taken, with a signature that holds.</summary>
    public ConcurrentDictionary<Guid, int> Taken { get; } = new();

    /// <summary>How many deliveries had a signature that does not hold.</summary>
    public int Forged { get; private set; }

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var receiver = new WebhookReceiver(application);
        application.MapPost("/hook", receiver.ReceiveAsync);
        await application.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        string? signature = context.Request.Headers[WebhookSignature.HeaderName];
        if (!WebhookSignature.Verify(Secret, body.ToArray(), signature, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5)))
        {
            Forged++;
            context.Response.StatusCode = 401;
            return;
        }

        var incident = JsonElement.Parse(body.ToArray()).GetProperty("incident_id").GetGuid();
        Assert.Equal(incident.ToString("D"), context.Request.Headers["AgentOps-Delivery"]);
        context.Response.StatusCode = await Answer(incident);
        if (context.Response.StatusCode == 204)
        {
            Taken.AddOrUpdate(incident, 1, static (_, count) => count + 1);
        }
    }
}
