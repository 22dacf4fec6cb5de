using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Benchmarks;

/// <summary>The API on a real Kestrel on loopback, over a SQLite file, or what it is told to use, and artifacts in a directory of its own.</summary>
internal sealed class BenchmarkHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly DirectoryInfo _directory;

    private BenchmarkHost(WebApplication application, DirectoryInfo directory)
    {
        _application = application;
        _directory = directory;
        Client = new HttpClient { BaseAddress = new Uri(application.Urls.First()), Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Client { get; }

    /// <summary>Where the host keeps everything.</summary>
    public string DirectoryPath => _directory.FullName;

    /// <summary>The host's services, to fill its stores.</summary>
    public IServiceProvider Services => _application.Services;

    public static async Task<BenchmarkHost> StartAsync(Action<IAgentOpsRcaBuilder>? use = null)
    {
        var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var rca = builder.Services.AddAgentOpsRca(options =>
        {
            options.DataDirectory = directory.FullName;
            options.ArtifactDirectory = Path.Combine(directory.FullName, "artifacts");
        });
        (use ?? (static rca => rca.UseSqlite()))(rca);
        var application = builder.Build();
        application.MapAgentOpsRca();
        await application.StartAsync();
        return new BenchmarkHost(application, directory);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
