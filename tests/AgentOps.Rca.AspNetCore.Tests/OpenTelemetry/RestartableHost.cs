using AgentOps.Rca.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Tests.OpenTelemetry;

/// <summary>A host on one address that can be stopped and started again over the same stores.</summary>
public sealed class RestartableHost(StoreSet stores) : IAsyncDisposable
{
    private WebApplication? _application;

    public Uri Address { get; } = new($"http://127.0.0.1:{TestPort.Take()}");

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address.ToString());
        builder.Services.AddSingleton(stores.Incidents).AddSingleton(stores.Spans).AddSingleton(stores.Artifacts).AddSingleton(stores.Contents);
        builder.Services.AddAgentOpsRca().UseInMemory();
        _application = builder.Build();
        _application.MapAgentOpsRca();
        await _application.StartAsync();
    }

    public async Task StopAsync()
    {
        await _application!.StopAsync();
        await _application.DisposeAsync();
        _application = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await StopAsync();
        }
    }
}
