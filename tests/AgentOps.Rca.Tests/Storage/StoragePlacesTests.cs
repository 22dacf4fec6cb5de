using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Tests.Artifacts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NSubstitute;

namespace AgentOps.Rca.Tests.Storage;

/// <summary>At its start a host says what goes where, and what said so; every word of it is true.</summary>
public sealed class StoragePlacesTests
{
    [Fact]
    public async Task Nothing_set_is_said_and_outside_development_it_is_a_warning()
    {
        var lines = await StartAsync("Production");
        Assert.Equal(2, lines.Count);
        Assert.Equal(
            "Information: AgentOps.Rca keeps records in memory (nothing is kept when the process ends) (no setting names a store) and artifact content in "
            + "memory (nothing is kept when the process ends) (with the records); analyses ask no model (GROQ_API_KEY is not set).",
            lines[0]);
        Assert.StartsWith("Warning: AgentOps.Rca keeps records in memory in the environment Production", lines[1], StringComparison.Ordinal);
        Assert.Single(await StartAsync("Development"));
    }

    [Fact]
    public async Task The_settings_that_said_so_are_named_as_they_were_written()
    {
        using var directory = new TemporaryDirectory();
        var line = Assert.Single(await StartAsync(
            "Production", null, ("SUPABASE_DB_URL", "postgresql://u:pw-secret@db.example.test/postgres"), ("AgentOpsRca:ArtifactDirectory", directory.Path),
            ("AgentOpsRca:Groq:ApiKey", "gsk_secret"), ("GROQ_MODEL", "m1")));
        Assert.Contains("records in Supabase PostgreSQL at db.example.test:5432/postgres (SUPABASE_DB_URL)", line, StringComparison.Ordinal);
        Assert.Contains($"content in {directory.Path} (AgentOpsRca:ArtifactDirectory)", line, StringComparison.Ordinal);
        Assert.Contains("analyses ask m1 at api.groq.com (AgentOpsRca:Groq:ApiKey).", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_code_chose_is_named_by_its_call_and_stores_of_the_users_own_by_their_types()
    {
        var spans = Substitute.For<ISpanStore>();
        var line = Assert.Single(await StartAsync(
            "Development",
            services =>
            {
                services.AddSingleton(spans);
                services.AddAgentOpsRca().UseStorage(_ => new OwnBackend("a shelf")).UseChatClient(Substitute.For<IChatClient>());
            },
            ("GROQ_API_KEY", "gsk_unused")));
        Assert.Contains($"records in a shelf and {spans.GetType().Name} (UseStorage())", line, StringComparison.Ordinal);
        Assert.Contains("(the default)", line, StringComparison.Ordinal);
        Assert.Contains("analyses ask a chat client (UseChatClient()).", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_memory_says_that_the_key_is_not_read()
    {
        var lines = await StartAsync("Development", services => services.AddAgentOpsRca().UseInMemory(), ("GROQ_API_KEY", "gsk_unused"));
        Assert.EndsWith("analyses ask no model (GROQ_API_KEY is not read).", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_belongs_to_the_services_which_dispose_it()
    {
        var backend = new OwnBackend();
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseStorage(_ => backend);
        await using (var provider = services.BuildServiceProvider())
        {
            Assert.Same(backend.Incidents, provider.GetRequiredService<IIncidentStore>());
            Assert.Same(backend.Spans, provider.GetRequiredService<ISpanLinker>());
        }

        Assert.Equal(1, backend.Disposals);
    }

    private static async Task<List<string>> StartAsync(
        string environmentName, Action<IServiceCollection>? configure = null, params (string Name, string Value)[] settings)
    {
        var environment = Substitute.For<IHostEnvironment>();
        environment.EnvironmentName.Returns(environmentName);
        environment.ContentRootPath.Returns(Directory.GetCurrentDirectory());
        var log = new Lines();
        var services = new ServiceCollection();
        services.AddSingleton(environment).AddSingleton<ILoggerProvider>(log).AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build());
        configure?.Invoke(services);
        services.AddAgentOpsRca();
        await using var provider = services.BuildServiceProvider();
        await provider.GetServices<IHostedService>().OfType<StoragePlaces>().Single().StartAsync(TestContext.Current.CancellationToken);
        return log.Written;
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add($"{logLevel}: {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
