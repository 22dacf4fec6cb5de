using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;

/// <summary>What a person has to mend is said in a sentence, by a real PostgREST behind its gateway.</summary>
public sealed class SupabaseApiExplanationTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_that_are_missing_name_the_migrations_for_reads_writes_start_up_and_readiness()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await using var server = await PostgrestServer.StartAsync(database);
        await using var backend = DataApiBackend.Open(server.Url, "sb_secret_test");
        var read = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await backend.Spans.GetAsync("s", TestToken));
        var write = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await backend.Spans.AddAsync([Samples.Span("s")], TestToken));
        var start = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await backend.PrepareAsync(backend.Contents!, TestToken));
        var fault = await backend.FindFaultAsync(TestToken);
        Assert.NotNull(fault);
        Assert.All(
            (string[])[read.Message, write.Message, start.Message, fault],
            sentence => Assert.Contains(SupabaseMigrations.All[0].FileName, sentence, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sb_secret_wrong")]
    [InlineData("not.a.token")]
    public async Task A_key_that_the_gateway_refuses_is_told_without_repeating_it(string key)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await PostgrestServer.StartAsync(database);
        await using var backend = DataApiBackend.Open(server.Url, key);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await backend.Spans.GetAsync("s", TestToken));
        Assert.Contains("refused the key", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sb_publishable_test")]
    [InlineData("anon")]
    public async Task A_public_key_stops_the_start_where_row_level_security_refuses_or_hides_and_only_warns_where_it_is_off(string kind)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await PostgrestServer.StartAsync(database);
        var key = kind == "anon" ? SupabaseServices.Current.AnonKey : kind;
        await using var backend = DataApiBackend.Open(server.Url, key);

        var refused = await Assert.ThrowsAsync<StoreSetupException>(async () => await backend.PrepareAsync(backend.Contents!, TestToken));
        Assert.Contains("refuses its writes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("sb_secret_", refused.Message, StringComparison.Ordinal);

        await database.ExecuteAsync("""
            grant select, insert, update, delete on incidents, spans, artifacts, artifact_contents to anon;
            alter table incidents disable row level security; alter table spans disable row level security;
            alter table artifacts disable row level security; alter table artifact_contents disable row level security;
            notify pgrst, 'reload schema';
            """);
        var warning = await backend.PrepareAsync(backend.Contents!, TestToken);
        Assert.Contains("anyone with this key can read and change the data", warning, StringComparison.Ordinal);
        Assert.DoesNotContain(key, warning, StringComparison.Ordinal);
        Assert.Equal(1, (await backend.Spans.AddAsync([Samples.Span("s")], TestToken)).Added);
        Assert.NotNull(await backend.Spans.GetAsync("s", TestToken));
    }
}
