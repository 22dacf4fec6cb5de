using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Npgsql;

namespace AgentOps.Rca.Supabase.Tests.Storage.Contents;

/// <summary>A writer and a collection in the database, each stopped in its transaction while the other one arrives.</summary>
public sealed class CollectionLockTests(PostgresBackend backend) : IClassFixture<PostgresBackend>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_keeper_waits_for_a_collection_and_learns_what_came_of_it(bool commits)
    {
        await using var stores = await CreateAsync();
        var digest = await WriteOrphanAsync(stores);
        await using var connection = await backend.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(Token);
        Assert.True(await CallAsync(connection, $"select agentops_collect_content('{digest}', 3600)"));

        await stores.Artifacts.AddAsync(RowOf(digest), Token);
        var keeping = Task.Run(async () => await ((IArtifactContentRetention)stores.Contents).KeepAsync(digest, Token), Token);
        await WaitForLockAsync(keeping);
        Assert.False(keeping.IsCompleted);
        await (commits ? transaction.CommitAsync(Token) : transaction.RollbackAsync(Token));
        Assert.Equal(!commits, await keeping);
    }

    [Theory]
    [InlineData("read committed", "select agentops_keep_content('{0}')")]
    [InlineData("repeatable read", "select agentops_keep_content('{0}')")]
    [InlineData("read committed", "update artifact_contents set created_ts = 'now' where digest = '{0}' returning true")]
    public async Task A_collection_waits_for_a_keeper_and_leaves_the_content(string isolation, string keep)
    {
        await using var stores = await CreateAsync();
        var digest = await WriteOrphanAsync(stores);
        await using var connection = await backend.OpenConnectionAsync();
        await stores.Artifacts.AddAsync(RowOf(digest), Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await CallAsync(connection, $"set transaction isolation level {isolation}");
        Assert.True(await CallAsync(connection, string.Format(null, keep, digest)));

        var collecting = Task.Run(
            async () => await ((IArtifactContentRetention)stores.Contents).CollectAsync(digest, TimeSpan.FromHours(1), stores.Artifacts, Token), Token);
        await WaitForLockAsync(collecting);
        Assert.False(collecting.IsCompleted);
        await transaction.CommitAsync(Token);
        Assert.False(await collecting);
        Assert.Null(await new ArtifactVault(stores.Artifacts, stores.Contents, TimeProvider.System).CheckAsync(digest, Token));
    }

    [Fact]
    public async Task A_collection_that_might_not_see_every_row_is_refused()
    {
        await using var stores = await CreateAsync();
        var digest = await WriteOrphanAsync(stores);
        await using var connection = await backend.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Token))
        {
            await Assert.ThrowsAsync<PostgresException>(() => CallAsync(connection, $"select agentops_collect_content('{digest}', 3600)"));
        }

        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await CallAsync(connection, "grant select, update, delete on artifacts, artifact_contents to anon");
            await CallAsync(connection, "grant execute on function agentops_collect_content(text, double precision) to anon");
            await CallAsync(connection, "set local role anon");
            var hidden = await Assert.ThrowsAsync<PostgresException>(
                () => CallAsync(connection, $"select agentops_collect_content('{digest}', 3600)"));
            Assert.Equal("Content is collected only by a role that sees all rows of artifacts.", hidden.MessageText);
        }

        await using var stream = await stores.Contents.OpenAsync(digest, Token);
        Assert.NotNull(stream);
    }

    [Fact]
    public async Task A_collection_leaves_no_chunk_behind()
    {
        await using var stores = await CreateAsync();
        var digest = await WriteOrphanAsync(stores, length: 3_200_000);
        Assert.True(await ((IArtifactContentRetention)stores.Contents).CollectAsync(digest, TimeSpan.FromHours(1), stores.Artifacts, Token));
        await using var connection = await backend.OpenConnectionAsync();
        Assert.True(await CallAsync(connection, "select count(*) = 0 from artifact_contents"));
    }

    [Fact]
    public async Task Content_in_the_database_is_not_collected_by_rows_that_lie_elsewhere()
    {
        await using var stores = await CreateAsync();
        var digest = await WriteOrphanAsync(stores);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await ((IArtifactContentRetention)stores.Contents)
            .CollectAsync(digest, TimeSpan.FromHours(1), new InMemoryArtifactStore(), Token));
    }

    private async Task<StoreSet> CreateAsync()
    {
        SupabaseServices.Current.Require();
        return await backend.CreateAsync();
    }

    private static async Task<ArtifactDigest> WriteOrphanAsync(StoreSet stores, int length = 8)
    {
        var digest = (await stores.Contents.WriteAsync(new MemoryStream(new byte[length]), expected: null, Token)).Digest;
        await stores.AgeAsync(digest, TimeSpan.FromDays(2));
        return digest;
    }

    private static async Task<bool> CallAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Token) is true;
    }

    // Not for a time: for the server to say that somebody waits.
    private async Task WaitForLockAsync(Task work)
    {
        await using var connection = await backend.OpenConnectionAsync();
        while (!work.IsCompleted && !await CallAsync(
            connection, "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"))
        {
            await Task.Delay(20, Token);
        }
    }

    private static Artifact RowOf(ArtifactDigest digest) =>
        new() { Digest = digest, Length = 8, Mime = "text/plain", CreatedTs = Samples.Instant };
}
