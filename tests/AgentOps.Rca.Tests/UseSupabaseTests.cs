using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Storage.Supabase.DataApi;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace AgentOps.Rca.Tests;

public sealed class UseSupabaseTests
{
    private const string ConnectionString = "postgresql://postgres:secret-value@db.example.test:5432/postgres";

    private static readonly Uri Url = new("https://example.supabase.test");

    [Fact]
    public void A_connection_string_in_the_settings_chooses_PostgreSQL_even_beside_the_Data_API()
    {
        using var provider = Build(("SUPABASE_DB_URL", ConnectionString), ("SUPABASE_URL", Url.AbsoluteUri), ("SUPABASE_KEY", "secret-value"));
        AssertPostgres(provider);
    }

    [Fact]
    public void An_address_and_a_key_in_the_settings_choose_the_Data_API()
    {
        using var provider = Build(("SUPABASE_URL", Url.AbsoluteUri), ("SUPABASE_KEY", "secret-value"));
        AssertDataApi(provider);
    }

    [Fact]
    public void Supabase_in_the_settings_goes_before_a_backend_that_is_only_the_default()
    {
        var services = new ServiceCollection().AddSingleton(Configuration(("SUPABASE_DB_URL", ConnectionString)));
        services.AddAgentOpsRca().UseStorageByDefault(_ => throw new InvalidOperationException("The default was made."));
        using var provider = services.BuildServiceProvider();
        AssertPostgres(provider);
    }

    [Fact]
    public void Code_chooses_PostgreSQL_or_the_Data_API_and_the_last_call_wins()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory().UseSupabase(Url, "secret-value").UseSupabase(ConnectionString).UseSupabase(ConnectionString);
        using (var provider = services.BuildServiceProvider())
        {
            AssertPostgres(provider);
        }

        services.AddAgentOpsRca().UseSupabase(Url, "secret-value").UseSupabase(Url, "secret-value");
        using (var provider = services.BuildServiceProvider())
        {
            AssertDataApi(provider);
        }
    }

    [Fact]
    public async Task Any_PostgreSQL_is_taken_by_its_connection_string_a_data_source_or_the_registered_one()
    {
        await using var source = new Npgsql.NpgsqlDataSourceBuilder("Host=db.example.test;Username=u;Password=secret-value;Database=d").Build();
        foreach (var choose in (Func<IAgentOpsRcaBuilder, IAgentOpsRcaBuilder>[])
            [
                rca => rca.UsePostgres("Host=db.example.test;Username=u;Database=d"), rca => rca.UsePostgres(source), rca => rca.UsePostgres(),
                rca => rca.UsePostgres(provider => provider.GetRequiredKeyedService<Npgsql.NpgsqlDataSource>("orders")),
            ])
        {
            var services = new ServiceCollection().AddSingleton(source).AddKeyedSingleton("orders", source);
            choose(services.AddAgentOpsRca());
            using var provider = services.BuildServiceProvider();
            Assert.Equal("PostgreSQL at db.example.test:5432/d", provider.GetRequiredService<StorageBackend>().Name);
            Assert.IsType<SupabaseIncidentStore>(provider.GetRequiredService<IIncidentStore>());
        }

        var missing = new ServiceCollection();
        missing.AddAgentOpsRca().UsePostgres();
        await using var without = missing.BuildServiceProvider();
        Assert.Contains(
            "no registered NpgsqlDataSource", Assert.Throws<InvalidOperationException>(without.GetRequiredService<StorageBackend>).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddAgentOpsRca().UsePostgres("no connection string"));
    }

    [Fact]
    public void A_store_of_the_users_own_wins_over_Supabase()
    {
        var before = Substitute.For<IArtifactStore>();
        var after = Substitute.For<ISpanStore>();
        var services = new ServiceCollection().AddSingleton(before);
        services.AddAgentOpsRca().UseSupabase(ConnectionString);
        services.AddSingleton(after);
        using var provider = services.BuildServiceProvider();
        Assert.Same(before, provider.GetRequiredService<IArtifactStore>());
        Assert.Same(after, provider.GetRequiredService<ISpanStore>());
        Assert.IsType<SupabaseIncidentStore>(provider.GetRequiredService<IIncidentStore>());
    }

    [Fact]
    public void An_artifact_directory_moves_only_the_bytes_out_of_the_database()
    {
        var directory = Directory.CreateTempSubdirectory("agentops-rca-");
        try
        {
            using var provider = Build(("SUPABASE_DB_URL", ConnectionString), ("ARTIFACT_DIR", directory.FullName));
            Assert.IsType<FileSystemArtifactContentStore>(provider.GetRequiredService<IArtifactContentStore>());
            Assert.IsType<SupabaseArtifactStore>(provider.GetRequiredService<IArtifactStore>());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("postgresql://postgres:[YOUR-PASSWORD]@db.example.test/postgres", "placeholder")]
    [InlineData("postgresql://postgres:secret-value@db.example.test:port/postgres", "a port that is not a number")]
    [InlineData("postgresql://postgres:secret-value@/postgres", "names no host")]
    [InlineData("postgresql://postgres:secret-value@db.example.test/postgres?sslmode=secret-value", "sslmode")]
    [InlineData("Password=secret-value;Colour=secret-value", "neither a postgresql:// URI nor")]
    public void A_connection_string_that_cannot_be_read_is_refused_at_once_without_repeating_it(string connectionString, string sentence)
    {
        var builder = new ServiceCollection().AddAgentOpsRca();
        var failure = Assert.Throws<ArgumentException>(() => builder.UseSupabase(connectionString));
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_or_a_key_that_cannot_be_one_is_refused_at_once()
    {
        var builder = new ServiceCollection().AddAgentOpsRca();
        Assert.Throws<ArgumentException>(() => builder.UseSupabase(new Uri("ftp://example.test"), "k"));
        Assert.Throws<ArgumentException>(() => builder.UseSupabase(new Uri("example", UriKind.Relative), "k"));
        Assert.Throws<ArgumentException>(() => builder.UseSupabase(Url, " "));
    }

    private static void AssertPostgres(IServiceProvider provider)
    {
        Assert.Equal("Supabase PostgreSQL at db.example.test:5432/postgres", provider.GetRequiredService<StorageBackend>().Name);
        Assert.IsType<SupabaseIncidentStore>(provider.GetRequiredService<IIncidentStore>());
        Assert.IsType<SupabaseSpanStore>(provider.GetRequiredService<ISpanStore>());
        Assert.IsType<SupabaseArtifactStore>(provider.GetRequiredService<IArtifactStore>());
        Assert.IsType<ChunkedContentStore>(provider.GetRequiredService<IArtifactContentStore>());
    }

    private static void AssertDataApi(IServiceProvider provider)
    {
        Assert.Equal("Supabase Data API at https://example.supabase.test", provider.GetRequiredService<StorageBackend>().Name);
        Assert.IsType<SupabaseApiIncidentStore>(provider.GetRequiredService<IIncidentStore>());
        Assert.IsType<SupabaseApiSpanStore>(provider.GetRequiredService<ISpanStore>());
        Assert.IsType<SupabaseApiArtifactStore>(provider.GetRequiredService<IArtifactStore>());
        Assert.IsType<ChunkedContentStore>(provider.GetRequiredService<IArtifactContentStore>());
    }

    private static ServiceProvider Build(params (string Name, string Value)[] settings)
    {
        var services = new ServiceCollection().AddSingleton(Configuration(settings));
        services.AddAgentOpsRca();
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    private static IConfiguration Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build();
}
