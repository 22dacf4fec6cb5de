using AgentOps.Rca.Storage.Faults;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

/// <summary>What a person has to mend is said in a sentence, by real servers that refuse.</summary>
public sealed class SupabaseExplanationTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wrong_password_is_told_at_once_with_where_to_find_the_right_one()
    {
        await using var database = await TestDatabase.CreateAsync();
        var uri = new UriBuilder(database.Direct) { Password = "secret-value" }.Uri.ToString();
        var sentence = await FailAsync(uri);
        Assert.Contains("refused the password of user postgres", sentence, StringComparison.Ordinal);
        Assert.Contains("under Connect", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("no-such-host.invalid")]
    public async Task A_host_that_cannot_be_reached_is_named(string host)
    {
        var sentence = await FailAsync($"postgresql://postgres:secret-value@{host}:1/postgres");
        Assert.Contains($"The database at {host}:1/postgres cannot be reached", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_told()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        Assert.Contains("has no database of that name", await FailAsync(database.Direct + "x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_that_are_missing_name_the_migrations()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        var sentence = await FailAsync(database.Direct);
        Assert.Contains("lacks a table or column", sentence, StringComparison.Ordinal);
        Assert.Contains($"supabase/migrations/{SupabaseMigrations.All[0].FileName}", sentence, StringComparison.Ordinal);
        Assert.Contains(SupabaseMigrations.All[^1].FileName, sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_from_whom_row_level_security_hides_rows_is_told_of_it()
    {
        await using var database = await TestDatabase.CreateAsync();
        var user = $"limited_{database.Name}";
        await database.ExecuteAsync($"""
            create role {user} login password 'limited-password';
            grant usage on schema public to {user};
            grant select, insert, update, delete on incidents, spans, artifacts, artifact_contents to {user};
            grant execute on function agentops_schema_version() to {user};
            create policy only_in on spans for insert to {user} with check (true);
            """);
        try
        {
            var uri = new UriBuilder(database.Direct) { UserName = user, Password = "limited-password" }.Uri.ToString();
            await using var backend = Open(uri);

            var fault = await backend.FindFaultAsync(TestToken);
            Assert.NotNull(fault);
            Assert.Contains("Row level security hides rows", fault, StringComparison.Ordinal);

            var write = await Assert.ThrowsAsync<StoreUnavailableException>(
                async () => await backend.Spans.AddAsync([Samples.Span("hidden")], TestToken));
            Assert.Contains("Row level security lets only the owner of the tables and service_role in", write.Message, StringComparison.Ordinal);
        }
        finally
        {
            await database.ExecuteAsync($"""
                drop policy only_in on spans;
                revoke all on incidents, spans, artifacts, artifact_contents from {user};
                revoke all on function agentops_schema_version() from {user};
                revoke all on schema public from {user};
                drop role {user};
                """);
        }
    }

    private static async Task<string> FailAsync(string connectionString)
    {
        await using var backend = Open(connectionString);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await backend.Spans.GetAsync("s", TestToken));
        return failure.Message;
    }

    private static SupabaseBackend Open(string connectionString) => new(
        new SupabaseBackendOptions
        {
            ConnectionString = connectionString,
            Retry = new StoreRetryOptions { Budget = TimeSpan.FromSeconds(2) },
        },
        TimeProvider.System,
        NullLoggerFactory.Instance);
}
