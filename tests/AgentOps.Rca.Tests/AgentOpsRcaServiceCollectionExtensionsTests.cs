using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Settings;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Tests.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace AgentOps.Rca.Tests;

public sealed class AgentOpsRcaServiceCollectionExtensionsTests
{
    [Fact]
    public void Everything_can_be_made_in_a_provider_that_validates_scopes()
    {
        using var provider = Build(new ServiceCollection());
        foreach (var service in AddTo(new ServiceCollection()).Where(service => service.ServiceType.Assembly == typeof(RcaAnalyzer).Assembly
            && !service.ServiceType.ContainsGenericParameters && !service.IsKeyedService))
        {
            Assert.NotNull(provider.GetRequiredService(service.ServiceType));
        }
    }

    [Fact]
    public void Calling_it_twice_is_harmless()
    {
        var once = AddTo(new ServiceCollection());
        var twice = AddTo(AddTo(new ServiceCollection()));
        Assert.Equal(
            once.Where(IsOurs).Select(service => service.ServiceType),
            twice.Where(IsOurs).Select(service => service.ServiceType));
    }

    [Fact]
    public void What_the_user_registered_before_wins()
    {
        var store = Substitute.For<IIncidentStore>();
        var time = Substitute.For<TimeProvider>();
        using var provider = Build(new ServiceCollection().AddSingleton(store).AddSingleton(time));
        Assert.Same(store, provider.GetRequiredService<IIncidentStore>());
        Assert.Same(time, provider.GetRequiredService<TimeProvider>());
    }

    [Fact]
    public void What_the_user_registers_afterwards_wins_even_over_a_chosen_backend()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory();
        var store = Substitute.For<ISpanStore>();
        services.AddSingleton(store);
        using var provider = services.BuildServiceProvider();
        Assert.Same(store, provider.GetRequiredService<ISpanStore>());
    }

    [Fact]
    public void A_store_registered_before_wins_over_a_backend_chosen_later()
    {
        var store = Substitute.For<IArtifactStore>();
        var services = new ServiceCollection().AddSingleton(store);
        services.AddAgentOpsRca().UseInMemory();
        using var provider = services.BuildServiceProvider();
        Assert.Same(store, provider.GetRequiredService<IArtifactStore>());
    }

    [Fact]
    public void An_engine_of_the_users_own_is_what_auto_means()
    {
        var engine = Substitute.For<IRcaEngine>();
        engine.Name.Returns("mine");
        engine.Unavailable.Returns((string?)null);
        using var provider = Build(new ServiceCollection().AddSingleton(engine));
        Assert.Null(new RcaEngines(provider.GetServices<IRcaEngine>()).Choose(RcaRequest.AutoEngine, out var chosen));
        Assert.Same(engine, chosen);
    }

    [Fact]
    public void With_no_setting_everything_is_kept_in_memory()
    {
        using var provider = Build(new ServiceCollection());
        Assert.IsType<InMemoryIncidentStore>(provider.GetRequiredService<IIncidentStore>());
        Assert.IsType<InMemoryArtifactContentStore>(provider.GetRequiredService<IArtifactContentStore>());
    }

    [Fact]
    public void An_artifact_directory_moves_the_bytes_to_the_file_system()
    {
        var directory = Directory.CreateTempSubdirectory("agentops-rca-");
        try
        {
            using var provider = Build(new ServiceCollection(), ("ARTIFACT_DIR", directory.FullName));
            Assert.IsType<FileSystemArtifactContentStore>(provider.GetRequiredService<IArtifactContentStore>());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_default_backend_gives_way_to_a_chosen_one_and_the_last_choice_wins()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseStorageByDefault(_ => Named("default"));
        using (var provider = services.BuildServiceProvider())
        {
            Assert.Equal("default", provider.GetRequiredService<StorageBackend>().Name);
        }

        services.AddAgentOpsRca().UseStorage(_ => Named("first")).UseStorage(_ => Named("last"));
        using (var provider = services.BuildServiceProvider())
        {
            Assert.Equal("last", provider.GetRequiredService<StorageBackend>().Name);
        }
    }

    [Fact]
    public void Settings_are_read_by_their_names_in_the_contract()
    {
        using var provider = Build(
            new ServiceCollection(),
            ("SUPABASE_DB_URL", "postgresql://a"), ("SUPABASE_URL", "https://a.supabase.co"), ("SUPABASE_KEY", "k"), ("GROQ_API_KEY", "g"),
            ("GROQ_MODEL", "m1,m2"), ("ARTIFACT_DIR", "d"), ("AGENTOPS_API_KEY", "a"), ("AGENTOPS_SIGNING_KEY", "s"));
        var read = new AgentOpsRcaOptions();
        provider.GetRequiredService<SectionOptions<AgentOpsRcaOptions>>().Configure(read);
        Assert.Equal(
            ("postgresql://a", "https://a.supabase.co", "k", "g", "m1,m2", "d", "a", "s"),
            (read.SupabaseDbUrl, read.SupabaseUrl, read.SupabaseKey, read.GroqApiKey, read.GroqModel, read.ArtifactDirectory, read.ApiKey, read.SigningKey));
    }

    [Fact]
    public void A_setting_that_is_empty_is_not_set()
    {
        using var provider = Build(new ServiceCollection(), ("SUPABASE_URL", ""), ("GROQ_MODEL", "  "));
        var options = provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value;
        Assert.Null(options.SupabaseUrl);
        Assert.Equal(new AgentOpsRcaOptions().GroqModel, options.GroqModel);
    }

    [Fact]
    public void What_is_set_in_code_wins_over_the_environment_even_when_it_is_called_twice()
    {
        var services = new ServiceCollection().AddSingleton(Configuration(("GROQ_MODEL", "from-environment")));
        services.AddAgentOpsRca(options => options.GroqModel = "from-code");
        services.AddAgentOpsRca();
        using var provider = services.BuildServiceProvider();
        Assert.Equal("from-code", provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.GroqModel);
    }

    [Theory]
    [InlineData("SUPABASE_URL", "ftp://x", "SUPABASE_URL must be an absolute http or https address")]
    [InlineData("SUPABASE_URL", "https://user:S3cretPw@x", "SUPABASE_URL must be an absolute http or https address")]
    [InlineData("SUPABASE_URL", "not an address", "SUPABASE_URL must be an absolute http or https address")]
    [InlineData("SUPABASE_URL", "https://a.supabase.co", "SUPABASE_URL is set without SUPABASE_KEY")]
    [InlineData("SUPABASE_KEY", "secret-value", "SUPABASE_KEY is set without SUPABASE_URL")]
    [InlineData("SUPABASE_DB_URL", "postgresql://u:secret-value@host:x/db", "SUPABASE_DB_URL names a port that is not a number")]
    [InlineData("SUPABASE_DB_URL", "secret-value", "SUPABASE_DB_URL is neither a postgresql:// URI nor")]
    [InlineData("GROQ_MODEL", "a,,b", "GROQ_MODEL must name at least one model")]
    [InlineData("ARTIFACT_DIR", "/dev/null", "ARTIFACT_DIR names a file")]
    public void A_wrong_setting_is_refused_with_a_sentence_that_names_it_and_not_its_secret(string name, string value, string sentence)
    {
        using var provider = Build(new ServiceCollection(), (name, value));
        var failure = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value);
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", failure.Message, StringComparison.Ordinal);
    }

    private static bool IsOurs(ServiceDescriptor service) => service.ServiceType.Assembly == typeof(RcaAnalyzer).Assembly;

    private static OwnBackend Named(string name) => new(name);

    private static IServiceCollection AddTo(IServiceCollection services)
    {
        services.AddAgentOpsRca();
        return services;
    }

    private static ServiceProvider Build(IServiceCollection services, params (string Name, string Value)[] settings) =>
        AddTo(services.AddSingleton(Configuration(settings)))
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

    private static IConfiguration Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build();
}
