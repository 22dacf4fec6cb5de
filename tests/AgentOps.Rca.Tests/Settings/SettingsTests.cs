using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.LanguageModel;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Groq;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Retention;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Tests.Artifacts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace AgentOps.Rca.Tests.Settings;

/// <summary>Every feature's settings come by one way: its section, then code; each mistake names what was written.</summary>
public sealed class SettingsTests
{
    public static TheoryData<string, string, Func<IServiceProvider, object?>, object?> Sections => new()
    {
        { "AgentOpsRca:DataDirectory", "kept", Of<AgentOpsRcaOptions>(o => o.DataDirectory), "kept" },
        { "AgentOpsRca:FourEyes", "yes", Of<AgentOpsRcaOptions>(o => o.FourEyes), true },
        { "AGENTOPS_FOUR_EYES", "1", Of<AgentOpsRcaOptions>(o => o.FourEyes), true },
        { "AgentOpsRca:ApiKey", " k ", Of<AgentOpsRcaOptions>(o => o.ApiKey), "k" },
        { "AgentOpsRca:Groq:ApiKey", "gsk_1", Of<GroqOptions>(o => o.ApiKey), "gsk_1" },
        { "AgentOpsRca:GroqApiKey", "gsk_1", Of<GroqOptions>(o => o.ApiKey), "gsk_1" },
        { "GROQ_API_KEY", "gsk_1", Of<GroqOptions>(o => o.ApiKey), "gsk_1" },
        { "GROQ_MODEL", "a,b", Of<GroqOptions>(o => string.Join('+', o.Models)), "a+b" },
        { "AgentOpsRca:Groq:Models:0", "mine", Of<GroqOptions>(o => string.Join('+', o.Models)), "mine" },
        { "AgentOpsRca:Groq:MaxRetries", "5", Of<GroqOptions>(o => o.MaxRetries), 5 },
        { "AgentOpsRca:Groq:TotalTimeout", "00:02:30", Of<GroqOptions>(o => o.TotalTimeout), TimeSpan.FromSeconds(150) },
        { "AgentOpsRca:Groq:TotalTimeoutSeconds", "150", Of<GroqOptions>(o => o.TotalTimeout), TimeSpan.FromSeconds(150) },
        { "AgentOpsRca:Groq:Endpoint", "https://proxy.example/v1", Of<GroqOptions>(o => o.Endpoint), new Uri("https://proxy.example/v1") },
        { "AgentOpsRca:LanguageModel:MaxRepairs", "1", Of<LanguageModelOptions>(o => o.MaxRepairs), 1 },
        { "AgentOpsRca:LanguageModel:MaxCostUsdPerAnalysis", "0.5", Of<LanguageModelOptions>(o => o.MaxCostUsdPerAnalysis), 0.5 },
        { "AgentOpsRca:Analysis:MaskReports", "off", Of<AnalysisOptions>(o => o.MaskReports), false },
        { "AgentOpsRca:DetectIncidents:MaxDuration", "00:00:30", Of<IncidentDetectionOptions>(o => o.MaxDuration), TimeSpan.FromSeconds(30) },
        { "AgentOpsRca:DetectIncidents:Runs:0", "ship order", Of<IncidentDetectionOptions>(o => o.Runs.SingleOrDefault()), "ship order" },
        { "AgentOpsRca:RecordActivities:SampleRatio", "0.25", Of<ActivityRecorderOptions>(o => o.SampleRatio), 0.25 },
        { "AgentOpsRca:RecordActivities:Sources:0", "Other.*", Of<ActivityRecorderOptions>(o => string.Join('+', o.Sources)), "Other.*+Mine" },
        { "AgentOpsRca:RecordActivities:FlushInterval", "00:00:01", Of<ActivityRecorderOptions>(o => o.FlushInterval), TimeSpan.FromSeconds(1) },
        { "AgentOpsRca:Retention:Pause", "00:00:02", Of<RetentionOptions>(o => o.Pause), TimeSpan.FromSeconds(2) },
    };

    [Theory]
    [MemberData(nameof(Sections), DisableDiscoveryEnumeration = true)]
    public void Every_feature_is_set_by_its_section(string name, string value, Func<IServiceProvider, object?> read, object? expected)
    {
        using var provider = Build([(name, value)], rca => WithAll(rca));
        Assert.Equal(expected, read(provider));
        using var defaults = Build([(name, "  ")], rca => WithAll(rca));
        Assert.NotEqual(expected, read(defaults));
    }

    [Theory]
    [InlineData("AgentOpsRca:FourEyes", "perhaps", "AgentOpsRca:FourEyes must be true or false.")]
    [InlineData("AGENTOPS_FOUR_EYES", "perhaps", "AGENTOPS_FOUR_EYES must be true or false.")]
    [InlineData("AgentOpsRca:SupabaseUrl", "ftp://x", "AgentOpsRca:SupabaseUrl must be an absolute http or https address")]
    [InlineData("AgentOpsRca:SupabaseDbUrl", "secret-value", "AgentOpsRca:SupabaseDbUrl is neither a postgresql:// URI nor")]
    [InlineData("AgentOpsRca:Groq:ApiKey", "gsk secret-value", "AgentOpsRca:Groq:ApiKey is empty or holds a space")]
    [InlineData("GROQ_API_KEY", "gsk secret-value", "GROQ_API_KEY is empty or holds a space")]
    [InlineData("AgentOpsRca:Groq:MaxRetries", "11", "AgentOpsRca:Groq:MaxRetries must be between 0 and 10")]
    [InlineData("AgentOpsRca:Groq:MaxRetries", "many", "AgentOpsRca:Groq:MaxRetries must be a whole number")]
    [InlineData("AgentOpsRca:Groq:AttemptTimeout", "00:11:00", "AgentOpsRca:Groq:AttemptTimeout must be a duration from 00:00:00.001 to 00:10:00.")]
    [InlineData("AgentOpsRca:Groq:AttemptTimeoutSeconds", "660", "AgentOpsRca:Groq:AttemptTimeoutSeconds must be a duration from")]
    [InlineData("AgentOpsRca:Groq:AttemptTimeout", "30", "AgentOpsRca:Groq:AttemptTimeout must be a duration such as 00:00:30; a number of seconds is called AttemptTimeoutSeconds.")]
    [InlineData("AgentOpsRca:Groq:AttemptTimeout", "soon", "AgentOpsRca:Groq:AttemptTimeout must be a duration such as 00:00:30.")]
    [InlineData("AgentOpsRca:LanguageModel:MaxPromptTokens", "5", "AgentOpsRca:LanguageModel:MaxPromptTokens must be between 1500 and 100000")]
    [InlineData("AgentOpsRca:LanguageModel:MaxTokensPerAnalysis", "4000", "AgentOpsRca:LanguageModel:MaxTokensPerAnalysis must be more than MaxAnswerTokens")]
    [InlineData("AgentOpsRca:Analysis:MaskReports", "maybe", "AgentOpsRca:Analysis:MaskReports must be true or false.")]
    [InlineData("AgentOpsRca:DetectIncidents:MaxTokens", "99999999999999999999", "AgentOpsRca:DetectIncidents:MaxTokens must be a whole number")]
    [InlineData("AgentOpsRca:DetectIncidents:MaxCostUsd", "secret-value", "AgentOpsRca:DetectIncidents:MaxCostUsd must be a number.")]
    [InlineData("AgentOpsRca:DetectIncidents:Settle", "02:00:00", "AgentOpsRca:DetectIncidents:Settle must be a duration from 00:00:00 to 01:00:00.")]
    [InlineData("AgentOpsRca:RecordActivities:SampleRatio", "1.5", "AgentOpsRca:RecordActivities:SampleRatio must be between 0 and 1")]
    [InlineData("AgentOpsRca:Retention:Interval", "2.00:00:00", "AgentOpsRca:Retention:Interval must be a duration from 00:00:01 to 1.00:00:00.")]
    public void A_mistake_names_the_setting_as_it_was_written_and_no_secret(string name, string value, string sentence)
    {
        using var provider = Build([(name, value)], rca => WithAll(rca));
        var failure = Assert.Throws<OptionsValidationException>(() => ReadAll(provider));
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_code_sets_is_named_by_its_section_when_it_is_wrong()
    {
        using var provider = Build([], rca => rca.RecordActivities(""));
        var failure = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ActivityRecorderOptions>>().Value);
        Assert.StartsWith("AgentOpsRca:RecordActivities:Sources holds an empty name", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_section_wins_over_the_names_of_the_environment_and_code_over_both()
    {
        (string, string)[] settings = [("GROQ_MODEL", "from-environment"), ("AgentOpsRca:GroqModel", "from-section")];
        using (var provider = Build(settings))
        {
            Assert.Equal("from-section", provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.GroqModel);
        }

        // Wherever in the order of registrations the code stands.
        var services = new ServiceCollection().AddSingleton(Configuration(settings));
        services.Configure<AgentOpsRcaOptions>(options => options.GroqModel = "from-code");
        services.AddAgentOpsRca();
        using var coded = services.BuildServiceProvider();
        Assert.Equal(("from-code", "from-code"), (
            coded.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.GroqModel,
            coded.GetRequiredService<IOptions<GroqOptions>>().Value.Models.Single()));
    }

    [Fact]
    public async Task In_memory_takes_no_store_no_model_and_no_key_from_the_settings()
    {
        using var directory = new TemporaryDirectory();
        using var provider = Build(
            [
                ("GROQ_API_KEY", "gsk_1"), ("AgentOpsRca:Groq:ApiKey", "gsk_2"), ("SUPABASE_DB_URL", "no connection"), ("ARTIFACT_DIR", directory.Path),
                ("ARTIFACT_BUCKET", "b"), ("AGENTOPS_SIGNING_KEY", "/no/such/key"), ("AGENTOPS_TRUSTED_KEYS", "/no/such/key"),
                ("AgentOpsRca:DataDirectory", directory.Path), ("AGENTOPS_API_KEY", "asked"), ("AgentOpsRca:DetectIncidents:WebhookUrl", "https://x.test/"),
                ("AgentOpsRca:DetectIncidents:MaxTokens", "9"),
            ],
            rca => rca.UseInMemory().DetectIncidents());

        Assert.IsType<InMemoryIncidentStore>(provider.GetRequiredService<IIncidentStore>());
        Assert.IsType<InMemoryArtifactContentStore>(provider.GetRequiredService<IArtifactContentStore>());
        Assert.NotNull(provider.GetServices<IRcaEngine>().Single(engine => engine.Name == "llm").Unavailable);
        var keys = provider.GetRequiredService<ISigningKeyProvider>();
        Assert.Same(await keys.GetSigningKeyAsync(TestContext.Current.CancellationToken), await keys.GetSigningKeyAsync(TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
        Assert.Equal("asked", provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.ApiKey);
        var rules = provider.GetRequiredService<IOptions<IncidentDetectionOptions>>().Value;
        Assert.Equal((null, 9L), (rules.WebhookUrl, rules.MaxTokens));
    }

    [Fact]
    public void A_backend_chosen_after_in_memory_reads_the_settings_again()
    {
        using var provider = Build([("GROQ_API_KEY", "gsk_1")], rca => rca.UseInMemory().UseStorage(_ => throw new InvalidOperationException()));
        Assert.Null(provider.GetServices<IRcaEngine>().Single(engine => engine.Name == "llm").Unavailable);
    }

    [Fact]
    public void Without_a_configuration_the_environment_is_read_by_both_kinds_of_name()
    {
        const string name = "AgentOpsRca__DetectIncidents__MaxTokens";
        Environment.SetEnvironmentVariable(name, "7");
        try
        {
            var services = new ServiceCollection();
            services.AddAgentOpsRca().DetectIncidents();
            using var provider = services.BuildServiceProvider();
            Assert.Equal(7, provider.GetRequiredService<IOptions<IncidentDetectionOptions>>().Value.MaxTokens);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Fact]
    public void Paths_are_relative_to_the_content_root()
    {
        using var root = new TemporaryDirectory();
        var environment = Substitute.For<IHostEnvironment>();
        environment.ContentRootPath.Returns(root.Path);
        var services = new ServiceCollection().AddSingleton(environment).AddSingleton(Configuration(("ARTIFACT_DIR", "kept")));
        services.AddAgentOpsRca();
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value;
        Assert.Equal((Path.Combine(root.Path, "kept"), Path.Combine(root.Path, "data")), (options.ArtifactDirectory, options.DataDirectory));
    }

    [Fact]
    public void A_chat_client_is_taken_from_the_services_by_itself_by_its_key_or_as_it_is()
    {
        var (plain, keyed, given) = (Substitute.For<IChatClient>(), Substitute.For<IChatClient>(), Substitute.For<IChatClient>());
        Assert.Same(plain, Chosen(rca => rca.UseChatClient()));
        Assert.Same(keyed, Chosen(rca => rca.UseKeyedChatClient("analyst")));
        Assert.Same(given, Chosen(rca => rca.UseChatClient(given)));
        IChatClient Chosen(Func<IAgentOpsRcaBuilder, IAgentOpsRcaBuilder> choose)
        {
            var services = new ServiceCollection().AddSingleton(plain).AddKeyedSingleton("analyst", keyed);
            choose(services.AddAgentOpsRca().UseInMemory());
            return services.BuildServiceProvider().GetRequiredService<AnalysisModel>().Client();
        }
    }

    private static IAgentOpsRcaBuilder WithAll(IAgentOpsRcaBuilder rca) =>
        rca.DetectIncidents().RecordActivities("Mine").DropBaselineAfter(TimeSpan.FromDays(1));

    private static void ReadAll(IServiceProvider provider)
    {
        _ = provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value;
        _ = provider.GetRequiredService<IOptions<GroqOptions>>().Value;
        _ = provider.GetRequiredService<IOptions<LanguageModelOptions>>().Value;
        _ = provider.GetRequiredService<IOptions<AnalysisOptions>>().Value;
        _ = provider.GetRequiredService<IOptions<IncidentDetectionOptions>>().Value;
        _ = provider.GetRequiredService<IOptions<ActivityRecorderOptions>>().Value;
        _ = provider.GetRequiredService<IOptions<RetentionOptions>>().Value;
    }

    private static Func<IServiceProvider, object?> Of<TOptions>(Func<TOptions, object?> read)
        where TOptions : class => provider => read(provider.GetRequiredService<IOptions<TOptions>>().Value);

    private static ServiceProvider Build((string Name, string Value)[] settings, Action<IAgentOpsRcaBuilder>? configure = null)
    {
        var services = new ServiceCollection().AddSingleton(Configuration(settings));
        configure?.Invoke(services.AddAgentOpsRca());
        services.AddAgentOpsRca();
        return services.BuildServiceProvider();
    }

    private static IConfiguration Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build();
}
