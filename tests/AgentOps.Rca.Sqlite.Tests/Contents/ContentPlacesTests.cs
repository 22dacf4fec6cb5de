using AgentOps.Rca.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Sqlite.Tests.Contents;

public sealed class ContentPlacesTests
{
    [Fact]
    public async Task The_start_names_both_places_of_content_and_what_said_so()
    {
        using var file = new TemporaryFile();
        var log = new Lines();
        var directory = Path.Combine(Path.GetDirectoryName(file.Path)!, "larger");
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerProvider>(log).AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection([new("ARTIFACT_DIR", directory)]).Build());
        services.AddAgentOpsRca().UseSqlite(file.Path);
        await using var provider = services.BuildServiceProvider();
        await provider.GetServices<IHostedService>().OfType<StoragePlaces>().Single().StartAsync(TestContext.Current.CancellationToken);

        Assert.Contains(
            $"keeps records in SQLite ({file.Path}) (UseSqlite()) and artifact content in SQLite ({file.Path}) up to 64 KiB, larger content in {directory} (ARTIFACT_DIR);",
            Assert.Single(log.Written),
            StringComparison.Ordinal);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
