using System.Net;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Supabase.Tests.Http;

/// <summary>A host that finds Supabase in its settings, as users start it.</summary>
public sealed class SupabaseHostTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_SUPABASE_DB_URL_an_empty_database_is_ready_when_the_host_has_started()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await using var host = await SupabaseHost.StartAsync(("SUPABASE_DB_URL", database.Direct));

        await host.AssertServesAsync();

        var card = await host.Client.GetStringAsync(new Uri("/", UriKind.Relative), TestToken);
        Assert.Contains("Supabase PostgreSQL at 127.0.0.1:", card, StringComparison.Ordinal);
        Assert.DoesNotContain("password", card, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Behind_the_transaction_pooler_the_host_starts_and_readiness_says_which_migrations_to_run()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await using var host = await SupabaseHost.StartAsync(("SUPABASE_DB_URL", database.Pooled));

        using var ready = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative), TestToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("supabase/migrations/", await ready.Content.ReadAsStringAsync(TestToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_SUPABASE_URL_and_SUPABASE_KEY_the_host_starts_while_the_project_is_down_and_serves_when_it_is_back()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await PostgrestServer.StartAsync(database);
        await server.StopAsync();
        await using var host = await SupabaseHost.StartAsync(("SUPABASE_URL", server.Url), ("SUPABASE_KEY", "sb_secret_test"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await host.GetStatusAsync("/health/ready"));

        await server.RestartAsync();

        Assert.Equal(HttpStatusCode.OK, await host.GetStatusAsync("/health/ready"));
        await host.AssertServesAsync();
    }

    [Fact]
    public async Task A_key_that_row_level_security_stops_stops_the_start_and_is_not_repeated()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await PostgrestServer.StartAsync(database);
        var key = SupabaseServices.Current.AnonKey;

        var failure = await Assert.ThrowsAsync<StoreSetupException>(
            () => SupabaseHost.StartAsync(("SUPABASE_URL", server.Url), ("SUPABASE_KEY", key)));

        Assert.Contains("SUPABASE_KEY", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_that_cannot_be_read_stops_the_start()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => SupabaseHost.StartAsync(("SUPABASE_DB_URL", "postgresql://postgres:secret-value@host:port/postgres")));

        Assert.Contains("SUPABASE_DB_URL", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", failure.Message, StringComparison.Ordinal);
    }
}
